"""First names common among people who live and work in care in the United Kingdom.

Only used to suspect a name without a title; each is lower case. Names that are also everyday
words (Will, Grace, Mark, Joy, Hope, Rose, May, June) are left out to keep false alarms few.
"""

FIRST_NAMES = frozenset(
    """
    agnes aileen alan albert alexander alfred alice alison amanda amelia amy andrea andrew angela ann
    anna anne annie anthony antony archie arthur audrey barbara barry beatrice benjamin bernard beryl
    betty beverley brenda brian bridget bronwen bruce callum cameron carl carol caroline catherine
    cecil charles charlotte chloe christina christine christopher claire clara clifford clive colin
    connie craig cynthia cyril daniel daphne darren david dawn deborah denis denise dennis derek diana
    diane donald doreen doris dorothy douglas duncan edith edna edward edwin eileen elaine eleanor
    elizabeth ella ellen elsie emily emma enid eric ernest esther ethel eunice eva evelyn fiona
    florence frances francis frank fred freda frederick gareth gary gavin geoffrey george gerald
    geraldine gertrude gillian gladys glenys gloria gordon graham gwen gwendoline hannah harold harriet
    harry hazel heather helen henry herbert hilary hilda howard hugh ian ida imran irene iris isabel
    isabella ivor jacqueline james jane janet janice jason jean jeffrey jennifer jeremy jessica jessie
    joan joanna joanne john jonathan joseph josephine joshua joyce judith julia julian julie karen
    katherine kathleen keith kenneth kevin kirsty kyle laura lauren lawrence leonard leslie lewis lilian
    linda lisa liam lorna lorraine louis louise lucy lynn lynne mabel maisie malcolm marcus margaret
    maria marian marie marilyn marion marjorie martha martin mary matthew maureen maurice mavis megan
    melanie michael michelle mildred mohammed molly monica morag moira muriel myra nancy natalie neil
    nicola nicole nigel noel nora noreen norma norman olive oliver olivia oscar owen pamela patricia
    patrick paul pauline peggy percy peter philip phillip phyllis rachel ralph raymond rebecca reginald
    richard robert robin roger roland ronald rosemary ross roy russell ruth ryan samantha samuel sandra
    sara sarah sean sharon sheila shirley sidney simon sophie stanley stella stephen steven stuart susan
    suzanne sybil sylvia terence teresa thelma theresa thomas timothy tina tony tracey tracy trevor
    una ursula valerie vera vernon veronica victor victoria vincent winifred walter wendy wilfred
    william winston yvonne zoe zofia agnieszka aisha ahmed amina anil asha bogdan fatima grzegorz
    ibrahim jamal kamal krzysztof magda marek mohamed muhammad nadia olga omar pavel piotr priya rajesh
    ravi samira sanjay tomasz yusuf
    """.split()
)
