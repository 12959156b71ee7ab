from __future__ import annotations
from tests.assurance.making import *
BASE="/o/alder/assurance"
def test_try(world):
    add_rows(world)
    claim_id,_=make_return(world)
    v=world.client("vera")
    for path in ("/","/claims","/exceptions",f"/{claim_id}",f"/{claim_id}/validation"):
        a=v.get(BASE+path); assert a.status_code==200,(path,a.text[-3000:])
    b=world.client("bob")
    for path in ("/new",f"/new?service={world.service_id('Alder House')}",f"/{claim_id}"):
        a=b.get(BASE+path); assert a.status_code==200,(path,a.text[-3000:])
    a=v.post(f"{BASE}/{claim_id}/validation"); assert a.status_code==303,a.text
    a=v.get(a.location); assert a.status_code==200
    a=v.post(f"{BASE}/{claim_id}/samples",data={"size":5,"kinds":["audit","audit_concern","action","evidence"]}); assert a.status_code==303,a.text
    a=v.get(a.location); assert a.status_code==200,a.text
