"""Addresses and numbers that lead to somebody: web, mail, handles, patents, points on the map."""
# ruff: noqa: RUF001, E501 - patterns of six languages; one is best read in a line

import re

from techdock_registration.domain.naming.finding import Kind, Rule, Why

DOMAINS = (
    "com|org|net|info|biz|edu|gov|int|ru|su|cn|kz|uz|kg|tj|ua|eu|рф|қаз|中国|公司|网络|"
    "com\\.cn|org\\.cn|edu\\.cn|ac\\.cn|gov\\.cn"
)
"""Ends of domains that no sentence ends with when the blank after a full stop is forgotten."""

_END = r"(?![A-Za-z0-9А-яЁё-])"
MOST_LATITUDE, MOST_LONGITUDE = 90, 180


def _is_on_earth(match: re.Match[str]) -> bool:
    first, second = (abs(float(match[n].replace(",", "."))) for n in ("one", "two"))
    return first <= MOST_LATITUDE and second <= MOST_LONGITUDE


WEB = Rule(
    Kind.WEB,
    Why.WEB,
    re.compile(
        r"https?://[^\s<>\"'«»“”，。；、（）]+"
        r"|(?<![\w@.])www\.[^\s<>\"'«»“”，。；、（）]+"
        rf"|(?<![A-Za-z0-9А-яЁё@.-])(?:(?:[A-Za-z0-9-]+|[а-яё0-9-]+)\.)+(?:{DOMAINS}){_END}(?:/[^\s<>\"'，。；]*)?"
        r"|(?<![\w@.-])(?:[a-z0-9-]+\.)+(?:de|fr|es|uk|io|ai|in|it|tr|ae|sa|eg|ir|pk|tm|by)/"
        r"[^\s<>\"'，。；]*"
    ),
    re.compile(r"\w\.\w|://"),
)
MAIL = Rule(
    Kind.MAIL,
    Why.MAIL,
    re.compile(
        r"[^\W\u4e00-\u9fff](?:[^\W\u4e00-\u9fff]|[.+-])*\s?(?:@|＠|\(at\)|\[at\]|\{at\})\s?(?:[^\W\u4e00-\u9fff]|-)+(?:\s?(?:\(dot\)|\[dot\])\s?[A-Za-z-]+|\.(?:[^\W\u4e00-\u9fff]|-)+)+"
    ),
    re.compile(r"[@＠]|[(\[{]at[)\]}]"),
)
_MESSENGERS = (
    r"(?:WeChat|Weixin|微信|微博|公众号|QQ|Telegram|Телеграм|телеграм|WhatsApp|Viber|Skype|Instagram|"
    r"Facebook|LinkedIn|VKontakte|ВКонтакте|Twitter|تلغرام|واتساب|فيسبوك)"
)
HANDLES = (
    Rule(
        Kind.HANDLE,
        Why.HANDLE,
        re.compile(r"(?<![\w.@/])@[A-Za-z_][A-Za-z0-9_.]{2,30}(?<!\.)"),
        re.compile("@"),
    ),
    Rule(
        Kind.HANDLE,
        Why.HANDLE,
        re.compile(
            rf"{_MESSENGERS}(?:\s?(?:ID|id|号|账号|号码))?\s?(?:[:：]|—|-|\bis\b)\s?"
            r"(?P<name>[@+]?[A-Za-z0-9_.+-][A-Za-z0-9_. +-]{2,24}[A-Za-z0-9_])"
        ),
    ),
)
PATENTS = (
    Rule(
        Kind.PATENT,
        Why.PATENT,
        re.compile(
            r"(?<![A-Za-zА-я0-9/])(?:"
            r"PCT\s?/\s?[A-Z]{2}\s?\d{2,4}\s?/\s?\d{5,6}"
            r"|WO\s?[-/]?\s?\d{2,4}\s?[-/]?\s?\d{5,6}(?:\s?A\d)?"
            r"|ZL\s?\d{8,12}(?:\.[\dX])?"
            r"|CN\s?\d{7,12}(?:\.[\dX])?(?:\s?[A-CSUY])?"
            r"|EP\s?\d{6,8}(?:\.\d)?(?:\s?[AB]\d)?"
            r"|US\s?(?:RE|D)?\d{1,2},\d{3},\d{3}(?:\s?[AB]\d)?(?!\s?(?:USD|dollars|\$|долл))"
            r"|US\s?(?:\d{7,8}\s?[AB]\d|20\d{2}/\d{7}(?:\s?A\d)?)"
            r"|(?:RU|SU|EA|KZ|UA|BY|UZ)\s?(?:№\s?)?\d{4,10}\s?[ACU]\d?"
            r"|(?:RU|SU|EA)\s?№?\s?\d{6,10}"
            r"|(?:JP|KR|DE|FR|GB|IN|BR|AU|CA)\s?[-]?\s?(?:20\d{2}[-/]?)?\d{6,9}(?:\s?[A-CU]\d?)?"
            r")(?![A-Za-zА-я0-9])"
        ),
        re.compile(r"\d{3}"),
    ),
    Rule(
        Kind.PATENT,
        Why.PATENT,
        re.compile(
            r"(?:(?i:patents?|patent application|utility model|application)(?:\s(?i:No|number|nr))?"
            r"|[Пп]атент\w*(?:\sна\sизобретение|\sРФ|\sРоссии|\sРК)*|[Зз]аявк\w+(?:\sна\sпатент)?"
            r"|[Аа]вторск\w+\sсвидетельств\w+|[Сс]видетельств\w+"
            r"|专利(?:申请)?(?:公开|公告|授权)?号?(?:码)?|براءة(?:\s(?:ال)?اختراع)?(?:\sرقم)?"
            r"|(?i:patente|brevet)s?(?:\s(?i:n(?:[.º°o]|úm|uméro|úmero)*))?)"
            r"[\s.:：]*(?:No\.?|№|N[°º]?|#|n[.º°]+)?\s?"
            r"(?P<name>(?:[A-Z]{2}[ -]?)?(?:\d{4}/)?[\d٠-٩](?:[\d٠-٩.,/ -]?[\d٠-٩]){4,13})"
        ),
        re.compile(r"(?i)paten|brevet|applic|utility|патент|заявк|свидет|专利|براءة"),
        lambda match: not re.fullmatch(r"(?:19|20)\d\d\s?[-/]\s?(?:19|20)\d\d", match["name"]),
    ),
)
_SIDE = r"(?:[NSEWСЮВЗ]|с\.\s?ш\.|ю\.\s?ш\.|в\.\s?д\.|з\.\s?д\.|شمال\w*|شرق\w*)"
_DECIMAL = r"[-+]?\d{1,3}[.,]\d{2,8}"
_COORDINATES = r"(?i:GPS|lat(?:itude)?|coord\w*|координат\w*|坐标|经纬度|北纬|إحداثيات|coordonnées|coordenadas)"
COORDINATES = (
    Rule(
        Kind.PLACE,
        Why.COORDINATES,
        re.compile(
            rf"\d{{1,3}}\s?°\s?\d{{1,2}}\s?[′'’]\s?(?:\d{{1,2}}(?:[.,]\d+)?\s?(?:[″\"”]|''))?\s?{_SIDE}?"
            rf"(?:[,;]?\s?\d{{1,3}}\s?°\s?\d{{1,2}}\s?[′'’]\s?(?:\d{{1,2}}(?:[.,]\d+)?\s?(?:[″\"”]|''))?\s?{_SIDE}?)?"
        ),
        re.compile("°"),
    ),
    Rule(
        Kind.PLACE,
        Why.COORDINATES,
        re.compile(
            rf"(?P<name>(?P<one>{_DECIMAL})\s?°?\s?{_SIDE}\s?[,;/]?\s?"
            rf"(?P<two>{_DECIMAL})\s?°?\s?{_SIDE})"
        ),
        re.compile(r"\d[.,]\d\d"),
        _is_on_earth,
    ),
    Rule(
        Kind.PLACE,
        Why.COORDINATES,
        re.compile(
            rf"{_COORDINATES}[\s:：=(]*(?P<name>(?P<one>{_DECIMAL})\s?°?\s?{_SIDE}?\s?[,;/，]\s?(?:东经|lon\w*)?"
            rf"[\s:：=]*(?P<two>{_DECIMAL})°?)"
        ),
        re.compile(r"\d[.,]\d\d"),
        _is_on_earth,
    ),
)
STREETS = (
    Rule(
        Kind.PLACE,
        Why.STREET,
        re.compile(
            r"(?<![\w.])(?P<name>\d{1,5}[a-z]?,?\s(?:[A-Z][\w'’-]+\s){1,4}"
            r"(?:Street|St\.|Road|Rd\.?|Avenue|Ave\.?|Boulevard|Blvd\.?|Lane|Highway|Square))"
            r"|(?P<other>[A-Z][\w'’-]+\s(?:Street|Road|Avenue|Boulevard|Lane|Highway),?\s"
            r"(?:No\.?\s?)?\d{1,5}[a-z]?)\b"
        ),
        re.compile(r"St|R(?:oa)?d|Ave|B(?:oule)?v|Lane|Highway|Square"),
    ),
    Rule(
        Kind.PLACE,
        Why.STREET,
        re.compile(
            r"(?<!\w)(?:ул\.|улица|улице|просп\.|пр-т|пр\.|проспект|проспекте|пер\.|переулок|пл\.|б-р|бульвар|шоссе|"
            r"мкр\.|микрорайон)\s?(?:[А-ЯЁ]\.\s?)?[А-ЯЁ0-9][\w-]*(?:\s[А-ЯЁ][\w-]*)?"
            r"(?:,?\s?(?:д\.|дом|стр\.|корп\.)?\s?\d+[а-яА-Я]?(?:/\d+)?)"
        ),
    ),
    Rule(
        Kind.PLACE,
        Why.STREET,
        re.compile(
            r"(?:[\u4e00-\u9fff]{2,8}[省市区县州盟旗镇乡])*[\u4e00-\u9fff]{2,8}(?:路|街|大道|巷|胡同|弄)"
            r"\s?[0-9０-９一二三四五六七八九十百]{1,5}\s?(?:号|弄)(?!(?:线|机|炉))"
        ),
        re.compile("[路街道巷同弄]"),
    ),
    Rule(
        Kind.PLACE,
        Why.STREET,
        re.compile(
            r"(?<!\w)\d{1,4}(?:\s?bis|\s?ter)?,?\s(?:rue|avenue|boulevard|place|chemin|quai|allée|impasse)\s"
            r"(?:de\s(?:la\s|l['’])?|du\s|des\s|d['’])?[A-ZÀ-Ý][\w'’-]+(?:\s[A-ZÀ-Ý][\w'’-]+)*"
            r"|(?<!\w)(?:[Cc]alle|C/|[Aa]venida|Av\.|Avda\.|[Pp]aseo|[Cc]arretera)\s?(?:de\s(?:la\s|los\s)?|del\s)?"
            r"[A-ZÀ-Ý][\wÀ-ÿ'’-]+(?:\s(?:de\s)?[A-ZÀ-Ý][\wÀ-ÿ'’-]+)*,?\s(?:n[.º°]*\s?|núm\.\s?)?\d{1,5}"
            r"|(?<!\w)[A-ZÄÖÜ][\wäöüß-]*(?:straße|strasse|str\.|platz|weg|allee)\s\d{1,4}"
        ),
        re.compile(r"\d"),
    ),
    Rule(
        Kind.PLACE,
        Why.STREET,
        re.compile(
            r"(?<!\w)شارع\s\w+(?:\s\w+){0,3}?[\s،,]+(?:رقم\s|مبنى\s|بناية\s)?[\d٠-٩]{1,5}|"
            r"[\d٠-٩]{1,5}\sشارع\s\w+(?:\s\w+)?"
        ),
    ),
    Rule(
        Kind.PLACE,
        Why.POST,
        re.compile(
            r"(?<!\w)(?:P\.?\s?O\.?\s?Box\s?\d+|а/я\s?\d+|ص\.?\s?ب\.?\s?[:.]?\s?[\d٠-٩]{2,}|"
            r"(?:邮编|邮政编码|ZIP(?:\scode)?|[Ии]ндекс|الرمز البريدي)[:：\s]\s?[\d٠-٩]{5,6}|BP\s\d{2,6}|"
            r"Apartado(?:\sde\s[Cc]orreos)?\s\d+)"
        ),
    ),
)
RULES = (WEB, MAIL, *HANDLES, *PATENTS, *COORDINATES, *STREETS)
