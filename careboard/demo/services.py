"""The demo's services: (name, kind as CQC writes it, CQC location id, local authority, region)."""

from __future__ import annotations

HOME, NURSING = "Residential homes", "Nursing homes"
HOMECARE, LIVING = "Homecare agencies", "Supported living"

SERVICES = {
    "oakfield": (
        ("Alder House", NURSING, "1-9990031001", "Northshire", "North West"),
        ("Rowan Court", HOME, "1-9990031002", "Eastmoor", "North West"),
        ("Hawthorn Lodge", HOME, "1-9990031003", "Northshire", "North West"),
        ("Sycamore Grange", NURSING, "1-9990031004", "Westvale", "West Midlands"),
        ("Elmfield", HOME, "1-9990031005", "Westvale", "West Midlands"),
        ("Birch Homecare, North", HOMECARE, "1-9990031006", "Northshire", "North West"),
        ("Birch Homecare, South", HOMECARE, "1-9990031007", "Westvale", "West Midlands"),
        ("Willow Supported Living", LIVING, "1-9990031008", "Westvale", "West Midlands"),
    ),
    "brightwater": (
        ("Harbour View", HOME, "1-9990032001", "Northshire", "North West"),
        ("Brightwater at Home", HOMECARE, "1-9990032002", "Northshire", "North West"),
        ("Quayside Flats", LIVING, "1-9990032003", "Eastmoor", "North West"),
    ),
}
