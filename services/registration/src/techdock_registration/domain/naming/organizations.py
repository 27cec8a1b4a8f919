"""Organizations and their brands, as texts name them."""
# ruff: noqa: RUF001, E501 - patterns of six languages; one is best read in a line

import re

from techdock_registration.domain.naming.finding import Kind, Rule, Why

_WORD = r"(?:[A-Z]\.|[A-ZÀ-ÖØ-Þ][\w'’&-]*(?:\.[\w'’&-]+)*)"
_JOIN = r"(?:and|&|of|de|del|la|le|des|du|for|y|et)"
_NAME = rf"(?:{_WORD}(?:,?\s(?:{_JOIN}\s)*{_WORD}){{0,5}})"
_STRONG = (
    r"GmbH(?:\s?&\s?Co\.?\s?KG)?|Ltd\.?|Limited|LLC|L\.L\.C\.?|LLP|Inc\.?|Corp\.?|Corporation|PLC|plc|S\.A\.S?\.?(?:\sde\sC\.V\.)?|"
    r"S\.L\.U?\.?|S\.à\.?\s?r\.l\.|SARL|S\.r\.l\.|S\.p\.A\.|B\.V\.|N\.V\.|Oyj?|A/S|K\.K\.|Pte\.?|Pty\.?|P?JSC|OJSC|CJSC|TOO|OOO|"
    r"Co\.,?\s?Ltd\.?|e\.V\.|Kft\.?|Sp\.\sz\so\.o\.|S\.R\.L\.|A\.Ş\.|Sdn\.?\sBhd\.?|FZE|FZCO"
)
_WEAK = r"AG|SA|AB|AS|SAS|SL|NV|BV|Co\."
_GENERIC = frozenset(
    [
        "A",
        "An",
        "The",
        "Our",
        "This",
        "That",
        "Any",
        "Each",
        "Every",
        "Some",
        "Other",
        "Private",
        "Public",
        "Local",
        "National",
        "State",
        "Research",
        "Technical",
        "Scientific",
        "Agricultural",
        "Design",
        "Regional",
        "Small",
        "Large",
        "Medium",
        "Partner",
        "Foreign",
        "Joint",
        "Operating",
        "Mining",
        "Water",
        "Energy",
        "Medical",
        "Central",
        "Technology",
        "Industrial",
        "Engineering",
        "Applied",
        "Advanced",
        "University",
        "Institute",
        "Laboratory",
        "Limited",
        "Partners",
        "Working",
        "Target",
        "Blood",
        "Development",
        "Innovation",
        "International",
        "Global",
        "Modern",
        "Un",
        "Une",
        "La",
        "Le",
        "El",
        "Los",
        "Las",
        "Les",
        "Notre",
        "Nuestra",
        "Cada",
        "Universidad",
        "Instituto",
        "In",
        "At",
        "With",
        "From",
        "For",
        "By",
        "And",
        "Or",
        "If",
        "As",
        "We",
        "Two",
        "Three",
        "No",
        "Control",
        "Test",
        "Focus",
        "User",
        "Expert",
        "Quality",
        "National",
    ]
)


def _words(text: str) -> list[str]:
    return re.findall(r"[\wÀ-ÿ'’-]+", text)


def _is_proper(match: re.Match[str]) -> bool:
    """Whether a name has a word that is not just any word for such a body."""
    return any(w[0].isupper() and w not in _GENERIC and len(w) > 1 for w in _words(match["proper"]))


def _begins_sentence(match: re.Match[str]) -> bool:
    return match.string[: match.start()].rstrip().endswith((".", "!", "?", "", ":", "\n")) and (
        not match.string[: match.start()].strip()
        or match.string[: match.start()].rstrip()[-1] in ".!?:"
    )


def _is_weakly_proper(match: re.Match[str]) -> bool:
    words = [w for w in _words(match["proper"]) if w[0].isupper() and w not in _GENERIC]
    if _begins_sentence(match):
        return len(words) > 1
    return any(len(w) > 3 and not w.isupper() for w in words)  # noqa: PLR2004 - not the abbreviation


_KINDS_EN = "University|Institute|Academy|College|Polytechnic|Laboratories|Corporation|Industries|Holdings?|Group|Foundation|Enterprises|Refinery"
_AFTER_EN = r"University|Institute|Academy|College|Ministry|Company|Corporation"
_FORMS_RU = (
    r"ООО|ОАО|ЗАО|ПАО|АО|НАО|ТОО|ИП|ФГБУ|ФГБНУ|ФГБОУ(?:\sВО)?|ФГУП|ФГАОУ(?:\sВО)?|ГНУ|ГУП|МУП|НПО|НПП|НПК|НПФ|НИИ|ГНЦ|ФИЦ|КБ|ОКБ|СП|ЧП|РГП|"
    r"[Зз]авод\w{0,2}|[Кк]омпани[яией]{1,2}|[Фф]ирм[аыуей]{1,2}|[Хх]олдинг\w{0,2}|[Кк]орпораци[яией]{1,2}|[Кк]омбинат\w{0,2}|[Кк]онцерн\w{0,2}"
)
_GENERIC_RU = frozenset(
    [
        "Технический",
        "Государственный",
        "Аграрный",
        "Научный",
        "Наш",
        "Сельскохозяйственный",
        "Технологический",
        "Медицинский",
        "Политехнический",
        "Исследовательский",
        "Педагогический",
        "Национальный",
        "Этот",
        "Каждый",
        "Российский",
        "Китайский",
        "Казахский",
        "Казахстанский",
        "Узбекский",
        "Немецкий",
        "Европейский",
        "Западный",
        "Местный",
        "Иностранный",
        "Химический",
        "Металлургический",
        "Механический",
        "Нефтехимический",
        "Машиностроительный",
        "Научно",
        "Строительный",
        "Экономический",
        "Физико",
        "Отраслевой",
        "Проектный",
        "Академический",
        "Ведущий",
        "Один",
    ]
)
PLACES = (
    "北京|上海|天津|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|"
    "内蒙古|广西|西藏|宁夏|新疆|乌鲁木齐|石河子|喀什|伊犁|克拉玛依|兰州|西安|武汉|南京|杭州|广州|深圳|成都|大连|哈尔滨|长春|沈阳|郑州|长沙|"
    "昆明|厦门|青岛|苏州|清华|复旦|同济|浙大|塔里木|莫斯科|圣彼得堡|新西伯利亚|哈萨克斯坦|乌兹别克斯坦|吉尔吉斯|塔吉克斯坦|俄罗斯|白俄罗斯|"
    "埃及|沙特|中国"
)
_COUNTRIES = frozenset(
    [
        "中国",
        "哈萨克斯坦",
        "乌兹别克斯坦",
        "吉尔吉斯",
        "塔吉克斯坦",
        "俄罗斯",
        "白俄罗斯",
        "埃及",
        "沙特",
    ]
)
_PLACES_AR = r"القاهرة|الملك\s\w+|دمشق|بغداد|الأزهر|الإسكندرية|عين شمس|أسيوط|موسكو|شينجيانغ|بكين|تونس|الخرطوم|الكويت|قطر|الإمارات|السلطان\s\w+|الأمير\w*\s\w+|حلب|الجزائر|محمد\s\w+"

RULES = (
    Rule(
        Kind.ORGANIZATION,
        Why.ORGANIZATION_FORM,
        re.compile(rf"(?<![A-Za-zÀ-ÿ0-9-])(?P<proper>{_NAME}),?\s(?:{_STRONG})(?![A-Za-zÀ-ÿ0-9-])"),
        re.compile(_STRONG),
        _is_proper,
    ),
    Rule(
        Kind.ORGANIZATION,
        Why.ORGANIZATION_FORM,
        re.compile(rf"(?<![\w-])(?P<proper>{_NAME})\s(?:{_WEAK})(?![\w-])"),
        re.compile(rf"\s(?:{_WEAK})(?!\w)"),
        _is_weakly_proper,
    ),
    Rule(
        Kind.ORGANIZATION,
        Why.ORGANIZATION_NAME,
        re.compile(
            rf"(?<![\w-])(?P<proper>{_WORD}(?:\s(?:{_JOIN}\s)?{_WORD}){{0,5}})\s(?:{_KINDS_EN})(?!\w)(?:\sof\s{_NAME})?"
        ),
        re.compile(_KINDS_EN),
        _is_proper,
    ),
    Rule(
        Kind.ORGANIZATION,
        Why.ORGANIZATION_NAME,
        re.compile(
            rf"(?<![\w-])(?:{_WORD}\s)?(?:{_AFTER_EN}|Universidad|Instituto|Université|Institut|Academia|Académie|École|Laboratorio|Empresa|Société)\s"
            r"(?:(?:Nacional|National|Nationale|Polytechnique|Politécnica|Tecnológico|Técnica|Autónoma|supérieure|Supérieure)\s)?"
            rf"(?:of|for|de\sla|de\sl['’]|de|del|du|des|d['’])\s?(?P<proper>(?:the\s)?{_WORD}(?:\s(?:{_JOIN}\s)?{_WORD}){{0,5}})"
        ),
        re.compile(rf"{_AFTER_EN}|Universi|Institut|Academi|Acad|École|Laborato|Empresa|Société"),
        _is_proper,
    ),
    Rule(
        Kind.ORGANIZATION,
        Why.ORGANIZATION_FORM,
        re.compile(rf"(?<!\w)(?:{_FORMS_RU})\s(?:[а-я]+\s){{0,3}}?[«\"“„][^»\"”“]{{2,60}}[»\"”“]"),
        re.compile(_FORMS_RU),
    ),
    Rule(
        Kind.ORGANIZATION,
        Why.ORGANIZATION_FORM,
        re.compile(
            r"(?<!\w)(?:ООО|ОАО|ЗАО|ПАО|АО|ТОО|ИП|ФГУП|ФГБУ|НПО|НПП|НПФ)\s[А-ЯЁ][\w-]+(?:\s[А-ЯЁ][\w.-]+){0,2}"
        ),
        re.compile(r"[ОАИНФТ][А-Я]+\s"),
    ),
    Rule(
        Kind.ORGANIZATION,
        Why.ORGANIZATION_NAME,
        re.compile(
            r"(?<!\w)(?:Институт\w{0,2}|институт\w{0,2}|университет\w{0,2}|Университет\w{0,2}|академи\w{1,2}|завод\w{0,2}|центр\w{0,2})\s"
            r"(?:[а-яё-]+\s){0,6}?(?:(?:СО\s|УрО\s|ДВО\s)?РАН|НАН\s?\w*|АН\sРУз|им(?:\.|ени)\s(?:[А-ЯЁ]\.\s?){0,2}[А-ЯЁ][а-яё]+)(?!\w)"
        ),
        re.compile(r"РАН|НАН|АН\s|им\.|имени"),
    ),
    Rule(
        Kind.ORGANIZATION,
        Why.ORGANIZATION_NAME,
        re.compile(
            r"(?<!\w)(?P<proper>[А-ЯЁ][а-яё]+(?:ский|ской|ского|ском|ским|скому))\s(?:[а-яё-]+\s){0,3}?"
            r"(?:университет|институт|завод|комбинат|академия|академии)\w{0,2}(?!\w)"
        ),
        re.compile(r"университет|институт|завод|комбинат|академи"),
        lambda match: not any(match["proper"].startswith(w[:-2]) for w in _GENERIC_RU),
    ),
    Rule(
        Kind.ORGANIZATION,
        Why.ORGANIZATION_FORM,
        re.compile(
            r"(?P<name>(?:(?!有限|欢迎|我们|本公司|贵公司|一家|家|是|由|与|和|在|的|为|该|请|向|对|找|及|或)[\u4e00-\u9fffA-Za-z0-9（）()·]){2,24}"
            r"(?:有限责任公司|股份有限公司|有限公司|股份公司))"
        ),
        re.compile("公司"),
        lambda match: (
            len(
                re.sub(
                    "科技|技术|责任|股份|合资|民营|贸易|集团|公司|有限|农业|能源", "", match["name"]
                )
            )
            > 1
        ),
    ),
    Rule(
        Kind.ORGANIZATION,
        Why.ORGANIZATION_NAME,
        re.compile(
            rf"(?P<proper>(?P<place>中国科学院|{PLACES})(?:(?!我们|的|与其|和其|由|是|在|有|及其|或|为|对|等|各|多|一些|某)[\u4e00-\u9fff（）]){{0,16}}?"
            r"(?:大学|学院(?!派)|研究所|研究院|科学院|设计院|集团|制造厂|重点实验室|农科院|公司))"
        ),
        re.compile("大学|学院|研究所|研究院|科学院|设计院|集团|厂|实验室|农科院|公司"),
        lambda match: (
            not re.search("[与和及]", match["proper"]) or match["place"] == "中国科学院"
            if match["place"] not in _COUNTRIES
            else len(match["proper"]) > len(match["place"]) + 3
            and not re.search("[与和及]", match["proper"])
        ),
    ),
    Rule(
        Kind.ORGANIZATION,
        Why.ORGANIZATION_FORM,
        re.compile(
            r"(?:شركة|مؤسسة|مجموعة|مصنع)\s(?:«[^»]{2,50}»|\"[^\"]{2,50}\"|“[^”]{2,50}”|"
            r"\w+(?:\s\w+){0,5}?\s(?:المحدودة|ذ\.\s?م\.\s?م|ش\.\s?م\.\s?م|ش\.\s?م\.\s?ل|ش\.\s?م\.\s?ع|ش\.\s?ذ\.\s?م)\.?|"
            r"ال\w+(?:\s(?:وال|ال)\w+)?\s(?:لل|لـ)\w+)"
        ),
        re.compile("شركة|مؤسسة|مجموعة|مصنع"),
        lambda match: "المساهمة" not in match[0].split()[1],
    ),
    Rule(
        Kind.ORGANIZATION,
        Why.ORGANIZATION_NAME,
        re.compile(
            rf"(?:جامعة|معهد|أكاديمية|مركز)\s(?:[\u0621-\u064a]+\s){{0,2}}?(?:{_PLACES_AR})(?!\w)"
        ),
        re.compile("جامعة|معهد|أكاديمية|مركز"),
    ),
)

_QUOTED = r"[«\"“„『「]\s?(?P<name>[^\s»\"”“』」][^»\"”“』」\n]{1,40}?)\s?[»\"”“』」]"
_PRODUCT = (
    r"(?i:brand(?:\sname)?|trade\s?mark|trademark|trade\sname|under\sthe\sname|product|software|model|device\scalled|named|called|platform|"
    r"marque|marca|produit|producto|modèle|modelo|nommée?|llamad[oa]|denominad[oa]|logiciel|"
    r"марк[аиоей]{1,2}|модел[ьиюей]{1,2}|под\sназванием|торгов\w+\sмарк\w+|товарн\w+\sзнак\w*|препарат\w{0,2}|прибор\w{0,2}|"
    r"комплекс\w{0,2}|систем[аыуе]|бренд\w{0,2}|продукт\w{0,2}|сорт\w{0,2}|платформ\w+|программ\w+|установк\w+)"
)
BRANDS = (
    Rule(
        Kind.BRAND,
        Why.BRAND_SIGN,
        re.compile(
            r"(?:[A-ZА-ЯЁ0-9][\w'’+-]*\s){0,2}\w[\w'’+-]*\s?(?:®|™|℠|\((?:R|TM|tm|r)\)(?!\w))"
        ),
        re.compile(r"[®™℠]|\((?:R|TM|tm)\)"),
    ),
    Rule(
        Kind.BRAND,
        Why.BRAND_LABEL,
        re.compile(rf"(?<!\w){_PRODUCT}\s?:?\s?{_QUOTED}"),
        re.compile(r"[«\"“„]"),
        lambda match: match["name"][0].isupper() or any(c.isdigit() for c in match["name"]),
    ),
    Rule(
        Kind.BRAND,
        Why.BRAND_LABEL,
        re.compile(
            r"(?:品牌|商标|牌|商品名|产品名称?|型号|系统|软件|平台)(?:为|是|：|:)?[“「『\"](?P<name>[^”」』\"\n]{2,20})[”」』\"]"
            r"|[“「『\"](?P<before>[^”」』\"\n]{1,20})[”」』\"](?:牌|品牌|商标|系列产品)"
        ),
        re.compile('[“「『"]'),
    ),
    Rule(
        Kind.BRAND,
        Why.BRAND_LABEL,
        re.compile(
            r"(?:العلامة\sالتجارية|علامة\sتجارية|ماركة|باسم|منتج|جهاز|نظام|طراز|موديل|برنامج|منصة)\s?:?\s?[«\"“](?P<name>[^»\"”\n]{2,40})[»\"”]"
        ),
    ),
    Rule(
        Kind.BRAND,
        Why.BRAND_LABEL,
        re.compile(
            r"(?<!\w)(?i:our\sbrand|brand\sname|the\sbrand|trademark|trade\sname|de\sla\smarque|de\sla\smarca|под\sмаркой|торговая\sмарка)\s(?:is\s)?"
            r"(?P<name>[A-ZА-ЯЁ][\w+-]*(?:\s[A-ZА-ЯЁ0-9][\w+-]*){0,2})"
        ),
        re.compile(r"(?i)brand|trade|marque|marca|марк"),
    ),
)
