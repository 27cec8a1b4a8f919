"""Function words that say nothing about a topic, by language; written for this project.

Common words that are missing here lose their weight by their frequency as soon as the collection
is large enough; the lists keep small collections, and the reasons that people read, clean.
"""

# ruff: noqa: RUF001 - letters of other scripts are what this file is about

from collections.abc import Mapping

_EN = """
a about after all also among an and any are as at be because been before being between both but by
can could did do does during each either etc for from had has have having he her here his how i if
in into is it its just may might more most must neither no nor not of off on one only or other our
out over own per shall she should since so some such than that the their them then there these they
this those through thus to too under until up upon us use used using very via was we were what when
where whether which while who whom whose why will with within without would yet you your
provide based new
"""
_RU = """
а без бы был была были было быть в вам вас ваш весь во вот все всего всех вы где да для до его ее
если есть еще же за здесь и из или им их к как какой ко когда кто ли либо между меня мне может можно
мы на над наш не него нее нет ни них но ну о об однако он она они оно от очень по под при про с со
свой себя так также такой там то того тоже только том тот у уже хотя чего чей чем что чтобы эта эти
это этой этом этот этого я который которая которые которого которых является являются более менее
"""
_FR = """
à afin ainsi alors au aucun aussi autre autres aux avec avoir c car ce cela ces cet cette ceux
chaque chez comme d dans de des donc dont du elle elles en encore entre est et être eu il ils j je
l la le les leur leurs lors lui m mais même mêmes mes moins n ne ni nos notre nous on ont ou où par
pas peut peuvent plus pour pouvoir qu quand que quel quelle qui s sa sans se selon ses si soit son
sont sous sur t tout toute toutes tous très un une vers vos votre vous y
"""
_ES = """
a al algo algún ante antes aquel así aunque bajo bien cada como con contra cual cuando cuyo de del
desde donde dos e el ella ellas ellos en entre era es esa ese eso esta estas este esto estos está
están fue ha hace hacia han hasta hay la las le les lo los más me mediante mi muy ni no nos nuestra
nuestro o otra otras otro otros para pero por porque puede pueden que qué quien se sea según ser si
sí sin sobre son su sus también tan tanto te tiene tienen todo todos tras tu u un una uno unos y ya
"""
_AR = """
في من على الى عن مع هذا هذه ذلك تلك التي الذي الذين اللذان او ام ثم ان انه انها كان كانت يكون تكون
كما لا لم لن ما ماذا متى هو هي هم نحن انا انت كل بعض غير بين حتى اذا اذ لكن قد عند عندما حيث بعد قبل
خلال ضمن حول دون منذ لدى ايضا به بها له لها فيه فيها منه منها وهو وهي ولا وفي ومن وعلى
"""

STOPWORDS: Mapping[str, frozenset[str]] = {
    "en": frozenset(_EN.split()),
    "ru": frozenset(_RU.split()),
    "fr": frozenset(_FR.split()),
    "es": frozenset(_ES.split()),
    "ar": frozenset(_AR.split()),
}

CHINESE_BREAKS = frozenset("的了和在是与与及等之为其或并而且于以对从被把将可能也都有个这那该此")
"""Characters at which a run of Chinese is cut: mostly function words."""
