"""First names common among people who live and work in care in the United Kingdom.

Only used to suspect a name without a title; each is lower case. Names that are also everyday
words (Will, Grace, Mark, Joy, Hope, Rose, May, June) are left out to keep false alarms few.
"""

FIRST_NAMES = frozenset(
    """
    agnes agnieszka ahmed aileen aisha alan albert alexander alfred alice alison amanda amelia
    amina amy andrea andrew angela anil ann anna anne annie anthony antony archie arthur asha
    audrey barbara barry beatrice benjamin bernard beryl betty beverley bogdan brenda brian
    bridget bronwen bruce callum cameron carl carol caroline catherine cecil charles charlotte
    chloe christina christine christopher claire clara clifford clive colin connie craig cynthia
    cyril daniel daphne darren david dawn deborah denis denise dennis derek diana diane donald
    doreen doris dorothy douglas duncan edith edna edward edwin eileen elaine eleanor elizabeth
    ella ellen elsie emily emma enid eric ernest esther ethel eunice eva evelyn fatima fiona
    florence frances francis frank fred freda frederick gareth gary gavin geoffrey george gerald
    geraldine gertrude gillian gladys glenys gloria gordon graham grzegorz gwen gwendoline
    hannah harold harriet harry hazel heather helen henry herbert hilary hilda howard hugh ian
    ibrahim ida imran irene iris isabel isabella ivor jacqueline jamal james jane janet janice
    jason jean jeffrey jennifer jeremy jessica jessie joan joanna joanne john jonathan joseph
    josephine joshua joyce judith julia julian julie kamal karen katherine kathleen keith
    kenneth kevin kirsty krzysztof kyle laura lauren lawrence leonard leslie lewis liam lilian
    linda lisa lorna lorraine louis louise lucy lynn lynne mabel magda maisie malcolm marcus
    marek margaret maria marian marie marilyn marion marjorie martha martin mary matthew maureen
    maurice mavis megan melanie michael michelle mildred mohamed mohammed moira molly monica
    morag muhammad muriel myra nadia nancy natalie neil nicola nicole nigel noel nora noreen
    norma norman olga olive oliver olivia omar oscar owen pamela patricia patrick paul pauline
    pavel peggy percy peter philip phillip phyllis piotr priya rachel rajesh ralph ravi raymond
    rebecca reginald richard robert robin roger roland ronald rosemary ross roy russell ruth
    ryan samantha samira samuel sandra sanjay sara sarah sean sharon sheila shirley sidney simon
    sophie stanley stella stephen steven stuart susan suzanne sybil sylvia terence teresa thelma
    theresa thomas timothy tina tomasz tony tracey tracy trevor una ursula valerie vera vernon
    veronica victor victoria vincent walter wendy wilfred william winifred winston yusuf yvonne
    zoe zofia
    """.split()  # noqa: SIM905 - a list of names reads better as text
)
