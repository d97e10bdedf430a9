"""Names of hosts in addresses: where one ends when text follows directly, and which ones imitate others."""

import re
import unicodedata

# A host as typed, or an address in numbers in brackets.
HOST = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\W_](?:[\w.\u0300-\u036f-]*[\w])?)")
_LABEL = re.compile(r"[A-Za-z0-9_-]+")
# Endings of hosts after which text in another script may follow directly; others end a host when they stand last.
_COMMON = re.compile(
    "(?:com|net|org|info|biz|edu|gov|int|app|dev|io|ai|co|me|tv|example|test|"
    "kr|jp|cn|tw|hk|sg|vn|th|id|my|ph|in|us|ca|uk|de|fr|eu|au|nz|ru|br)",
    re.IGNORECASE,
)
# Endings in scripts without spaces: text after them is not of the host.
_ENDINGS = re.compile(
    "(?:한국|삼성|닷컴|닷넷|コム|みんな|グーグル|クラウド|ストア|セール|ファッション|ポイント|アマゾン|通販|書籍|"
    "中国|中國|香港|台湾|台灣|臺灣|新加坡|澳門|澳门|公司|网络|網絡|网址|商城|集团|中文网|在线|我爱你|购物|移动|手机|时尚|新闻|政务|"
    "公益|慈善|餐厅|娱乐|游戏|企业|广东|佛山|信息|健康|招聘|微博|点看|淡马锡|大拿|八卦|世界|网站|网店|机构|组织机构|食品|珠宝|"
    "诺基亚|飞利浦|嘉里大酒店|嘉里|谷歌|亚马逊|天主教|联通|中信|大众汽车|香格里拉|电讯盈科|电影|商标|商店|家電)"
)
_CLOSED = re.compile("[\u1100-\u11ff\u3041-\u30ff\u3131-\u318e\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7fb\uf900-\ufaff]")
# Letters of other scripts that nobody tells from Latin ones, after Chrome's list of whole-script confusables.
_LIKE_LATIN = frozenset("асԁеһіјӏорԛѕԝхуъьҽпгѵѡαικνρυωηοτօսոզհցքլեկыԍюԗ")
_SCRIPTS_TOGETHER = ({"LATIN", "HANGUL", "CJK"}, {"LATIN", "HIRAGANA", "KATAKANA", "CJK", "KATAKANA-HIRAGANA"})


def end_of_host(line: str, start: int, end: int, *, has_scheme: bool) -> tuple[int, bool]:
    """Where the host between two places ends, and whether that is all of it; `start` when it is no host."""
    if line[start] == "[":
        return end, True
    at, dots = start, 0
    while at < end:
        stop = line.find(".", at, end)
        label = line[at : stop if stop >= 0 else end]
        latin = _LABEL.match(label)
        if latin and latin.end() < len(label):
            host = line[start : at + latin.end()]
            if _is_all(host, label[latin.end()], latin[0], is_last=stop < 0, has_scheme=has_scheme):
                return at + latin.end(), False
        if dots and stop < 0 and _CLOSED.match(label):
            ending = _ENDINGS.match(label)
            if ending is None:
                # The host ended before the stop: "https://example.com.그리고".
                return (at - 1 if dots > 1 and has_scheme else start), False
            return at + ending.end(), at + ending.end() == end
        if stop < 0:
            break
        dots += 1
        at = stop + 1
    return (end, True) if _is_host(line[start:end], has_scheme=has_scheme) else (start, False)


def _is_all(host: str, follows: str, label: str, *, is_last: bool, has_scheme: bool) -> bool:
    """Whether a host that ends with `label` is whole, although a letter of another script follows directly."""
    if "." not in host:
        # A machine in the company's own network has a name without a dot.
        return has_scheme and is_last and _CLOSED.match(follows) is not None
    if unicodedata.name(follows, "?").startswith("LATIN"):
        return False
    is_number = re.fullmatch(r"(?:\d{1,3}\.){3}\d{1,3}", host) is not None
    is_ending = is_last and len(label) > 1 and label.isalpha()
    return is_number or is_ending or _COMMON.fullmatch(label) is not None


def _is_host(host: str, *, has_scheme: bool) -> bool:
    labels = host.split(".")
    if not all(labels) or any(len(label) > 63 for label in labels):  # noqa: PLR2004  (RFC 1035, 2.3.4)
        return False
    if len(labels) == 1:
        # A machine in the company's own network has a name without a dot.
        return has_scheme and host.isascii()
    return has_scheme or (len(labels) > 1 and len(labels[-1]) > 1)


def imitates(host: str) -> bool:
    """Whether a part of the host mixes scripts, or looks as if it were written in Latin letters."""
    return any(_imitates(unicodedata.normalize("NFC", label.lower())) for label in host.split("."))


def _imitates(label: str) -> bool:
    letters = [character for character in label if character.isalpha()]
    other = [letter for letter in letters if not letter.isascii()]
    if not other:
        return False
    if all(letter in _LIKE_LATIN for letter in letters):
        return True
    scripts = {unicodedata.name(letter, "?").split(" ")[0] for letter in letters}
    if scripts == {"LATIN"}:
        # Letters with accents (to Latin Extended-A) are what they seem; ɢ, ƿ and their like are not.
        return any(letter > "\u017f" for letter in other)
    return len(scripts) > 1 and not any(scripts <= together for together in _SCRIPTS_TOGETHER)
