"""Persons, as texts name them: a title, a label or a form that only names have."""
# ruff: noqa: RUF001, E501 - patterns of six languages; one is best read in a line

import re

from techdock_registration.domain.naming.finding import Kind, Rule, Why

_UPPER, _NAME = (
    r"[A-ZÀ-ÖØ-ÞŁŚŽŠČĞİŞ]",
    r"[A-ZÀ-ÖØ-ÞŁŚŽŠČĞİŞ][\w'’]*[a-zà-öø-ÿ](?:-[A-ZÀ-Þ][a-zà-ÿ]+)?",
)
_FULL = rf"(?:{_UPPER}\.[ -]?){{0,3}}{_NAME}(?:\s(?:{_UPPER}\.\s?)*(?:(?:de|del|van|von|der|bin|al|el|la)\s)*{_NAME}){{0,2}}"
_CYRILLIC = r"[А-ЯЁӘҒҚҢӨҰҮҺІ][а-яёәғқңөұүһі]+(?:-[А-ЯЁ][а-яё]+)?"
_INITIALS = r"[А-ЯЁ]\.\s?(?:[А-ЯЁ]\.\s?)?"
_RUSSIAN = (
    rf"(?:{_INITIALS}{_CYRILLIC}|{_CYRILLIC}\s{_INITIALS}|{_CYRILLIC}(?:\s{_CYRILLIC}){{0,2}})"
)
_ARABIC = r"(?!ال)[\u0621-\u064a]{2,}(?:\s[\u0621-\u064a]{2,}){0,2}"

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "余潘杜戴夏钟汪田任姜范姚谭廖邹熊金陆郝孔崔康邱秦江史顾侯邵孟龙万段雷钱汤尹黎易武乔贺赖龚文"
)
"""The commonest Chinese family names."""
_NOT_NAMES = (
    "高级|安全|石油|金属|任何|方案|方法|文化|金融|易于|武器|万能|高等|常务|程序|江水|田间|林业|马铃|黄河|段落|"
    "康复|雷达|龙头|余热|叶片|水利|汤料|许多|任务|钱币|何时|孔隙|江苏|江西|黄金|黄土|夏季|金矿|孙女|林学|林产|"
    "于是|文献|文学|文科|史学|田径|任职|任课|黎明|钟表|马力|周边|周围|曾任|曾经|何种|胡杨|于该|唐代"
)
_HAN_NAME = rf"(?!{_NOT_NAMES})[{SURNAMES}欧司上诸][\u4e00-\u9fff]{{1,2}}?"

_FUNCTION_WORDS = frozenset(
    [
        "The",
        "This",
        "That",
        "These",
        "Those",
        "It",
        "In",
        "On",
        "At",
        "For",
        "With",
        "And",
        "But",
        "Or",
        "Of",
        "To",
        "As",
        "An",
        "We",
        "Our",
        "Le",
        "La",
        "Les",
        "Il",
        "Elle",
        "Un",
        "Une",
        "El",
        "Los",
        "Las",
        "En",
        "De",
        "Este",
        "Esta",
        "Cette",
        "Ces",
        "Se",
        "Si",
        "No",
        "Not",
        "Water",
        "Degree",
        "Students",
        "Studies",
    ]
)
_NO_INITIALS = re.compile(
    r"(?:U\. ?S|D\. ?C|A\. ?C|P\. ?R|U\. ?K|E\. ?U|U\. ?N|B\. ?C|A\. ?D|R\. ?F)\."
)


def _is_name(match: re.Match[str]) -> bool:
    """Whether what follows a title is no word that begins a sentence."""
    return match["given"].split()[0] not in _FUNCTION_WORDS


def _are_initials(match: re.Match[str]) -> bool:
    return _NO_INITIALS.match(match[0]) is None and match["family"] not in _FUNCTION_WORDS


RULES = (
    Rule(
        Kind.PERSON,
        Why.PERSON_TITLE,
        re.compile(
            r"(?<![\w.])(?:(?:Dr|Prof|Assoc\. Prof|Mr|Mrs|Ms|Eng|Ing|Acad|Mme|Mlle|Sra|Srta|Dra|Sr)\.?(?:\s(?:Dr|Ing|Eng)\.)*"
            r"|Professor|Professeur|Profesora?|Doctor|Docteur|Doctora|Academician|Académicien|Engineer|Ingénieur|Ingeniero|"
            r"Monsieur|Madame|Señora?|Director|PhD)\s"
            rf"(?P<given>{_FULL})"
        ),
        re.compile(r"[DPMEISA][a-z]"),
        _is_name,
    ),
    Rule(
        Kind.PERSON,
        Why.PERSON_TITLE,
        re.compile(
            rf"{_NAME}(?:\s(?:{_UPPER}\.\s?)?{_NAME}){{1,2}},\s(?:Ph\.?\s?D|M\.?D|D\.?Sc|Dr\. ?-?Ing)\b\.?"
        ),
        re.compile(r"Ph|M\.?D|D\.?Sc|Dr\."),
    ),
    Rule(
        Kind.PERSON,
        Why.PERSON_LABEL,
        re.compile(
            r"(?:(?i:contact(?:\s(?:person|name))?|persona\sde\scontacto|contacto|inventors?|invented\sby|developed\sby|author|auteur|autor|"
            r"inventeur|inventora?|responsable|project\s(?:leader|manager)|head|director|directeur))\s?[:：]\s?"
            rf"(?P<name>(?P<given>{_NAME}\s(?:{_UPPER}\.\s?)*{_NAME}))"
            rf"|(?i:invented\sby|patented\sby|inventé\spar|inventado\spor)\s(?P<by>{_NAME}\s(?:{_UPPER}\.\s?)*{_NAME})"
        ),
        re.compile(
            r"(?i)contact|invent|author|auteur|autor|respons|leader|manager|head|direct|patented"
        ),
        lambda match: match["given"] is None or _is_name(match),
    ),
    Rule(
        Kind.PERSON,
        Why.PERSON_FORM,
        re.compile(rf"(?<![\w.])(?:{_UPPER}\.\s?){{2,3}}(?P<family>{_NAME})"),
        re.compile(r"[A-Z]\.\s?[A-Z]\."),
        _are_initials,
    ),
    Rule(
        Kind.PERSON,
        Why.PERSON_TITLE,
        re.compile(
            r"(?<![\w.])(?:[Пп]роф\.|[Пп]рофессор\w{0,3}|[Аа]кад\.|[Аа]кадемик\w{0,3}|[Дд]-р|[Дд]октор\w{0,3}|[Дд]оц\.|[Дд]оцент\w{0,3}|"
            r"[дк]\.\s?[а-я]{1,4}\.(?:-[а-я]+\.)?\s?н\.,?|[Гг]-н|[Гг]-жа|[Гг]осподин\w?|[Ии]нж\.|[Ии]нженер\w{0,3}|[Дд]иректор\w{0,3})\s"
            rf"(?:{_INITIALS}{_CYRILLIC}|{_CYRILLIC}\s{_INITIALS}|{_CYRILLIC}(?:\s{_CYRILLIC}){{0,2}})"
        ),
        re.compile(r"[А-я]"),
    ),
    Rule(
        Kind.PERSON,
        Why.PERSON_LABEL,
        re.compile(
            r"(?:[Кк]онтактное\sлицо|[Кк]онтакт|[Аа]втор(?:ы|ом)?|[Ии]зобретател[ьи]|[Рр]азработчик|[Рр]уководитель(?:\sпроекта)?|"
            rf"[Оо]тветственный)\s?[:—–-]\s?(?P<name>{_RUSSIAN})"
        ),
        re.compile(r"[А-я]"),
        lambda match: " " in match["name"] or "." in match["name"],
    ),
    Rule(
        Kind.PERSON,
        Why.PERSON_FORM,
        re.compile(
            rf"(?<![\w.-])(?:[А-ЯЁ]\.\s?[А-ЯЁ]\.\s?{_CYRILLIC}|{_CYRILLIC}\s[А-ЯЁ]\.\s?[А-ЯЁ]\."
            rf"|(?:{_CYRILLIC}\s)?{_CYRILLIC}\s[А-ЯЁ][а-яё]+(?:ович|евич|ьич|овна|евна|ична|инична)[а-я]{{0,2}}(?:\s{_CYRILLIC})?)(?!\w)"
        ),
        re.compile(r"[А-ЯЁ]\.|ович|евич|вна|ична|ьич"),
    ),
    Rule(
        Kind.PERSON,
        Why.PERSON_TITLE,
        re.compile(
            rf"(?<![{SURNAMES}])(?P<name>{_HAN_NAME}(?:教授|博士(?!点|后|生|学位)|院士|先生|女士|老师))"
            rf"|(?P<after>(?:教授|博士|院士|研究员|工程师)[：:、 ]?(?!{_NOT_NAMES})[{SURNAMES}][\u4e00-\u9fff]{{1,2}})"
            r"(?=[，,。；、\s（(]|$|领导|主持|发明|负责|带领|团队|研发|开发|提出|等|和)"
        ),
        re.compile("教授|博士|院士|先生|女士|老师|研究员|工程师"),
    ),
    Rule(
        Kind.PERSON,
        Why.PERSON_LABEL,
        re.compile(
            rf"(?:联系人|发明人|负责人|作者|研发人员|带头人|法人代表|法定代表人)(?:[:：为是]|\s)\s?(?P<name>(?!{_NOT_NAMES})[{SURNAMES}欧司上诸][\u4e00-\u9fff]{{1,3}})"
            r"(?=[，,。；、\s（(]|$)"
        ),
    ),
    Rule(
        Kind.PERSON,
        Why.PERSON_TITLE,
        re.compile(
            r"(?<![\w٠-٩°º/])(?:[وبلك])?(?:أ\.\s?د\.|د\.|أ\.|م\.|الدكتورة?|دكتورة?|البروفيسورة?|بروفيسور|الأستاذة?|المهندسة?|السيدة?|البروفسور)\s?"
            rf"(?P<given>{_ARABIC})"
        ),
        re.compile(r"[أدم]\.|دكتور|بروف|أستاذ|مهندس|سيد"),
        lambda match: (
            re.search(r"[\d٠-٩]\s*$", match.string[: match.start()]) is None
            and not re.match(
                r"(?:في|من|على|إلى|مع|عن|ثم|لا|أو|و|حتى|بعد|قبل|التي|الذي|متخصص|خبير|زراعي)\b",
                match["given"],
            )
        ),
    ),
    Rule(
        Kind.PERSON,
        Why.PERSON_LABEL,
        re.compile(
            rf"(?:جهة الاتصال|للتواصل مع|شخص الاتصال|المخترع|صاحب الاختراع|مدير المشروع|المؤلف)\s?[:：]\s?(?P<name>{_ARABIC})"
        ),
    ),
)
