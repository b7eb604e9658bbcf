"""The gate: no link and no unlisted number leaves, however it is written; what a bank says leaves."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.confusables import skeleton
from shared.notifications.content_filter import digits, violation

# ruff: noqa: RUF001 - what looks like something else is what is tested

LINKS = [
    "https://evil.example/x", "HTTP:evil", "hxxp:evil", "javascript:alert(1)", "mailto:a", "tel:12345", "//evil",
    "ｈｔｔｐ：／／ｅｖｉｌ", "http\u2236\u2215\u2215evil", "intent : x", "myapp://open", "my-app :/ open",
    "evil.example", "see www.evil.example today", "bit.ly/x", "Evil.COM", "EVIL.MÜNCHEN", "bücher.de", "💩.la",
    "xn--80ak6aa92e", "localhost", "еvіl.соm", "ε\u03bdil.com", "e\u0301vil.com", "ⓔⓥⓘⓛ.ⓒⓞⓜ",
    "𝐞𝐯𝐢𝐥.𝐜𝐨𝐦",
    "evil。com", "evil．com", "evil｡com", "evil\u2024com", "evil·com", "evil\u2027com", "evil\ua4f8com", "evil•com",
    "evil⳾com", "evil።com", "evil⸼com", "evil᠃com", "evil◦com", "evil▪com", "evil●com", "evil⠄com",
    "evil𝅭com", "evil։com",
    "evil˙com", "evil \u0307com", "evil \u0323com", "https։evil",
    "evil.भारत", "evil.ভারত", "evil.ಭಾರತ", "evil.ලංකා", "evil.ไทย", "evil.இந்தியா", "evil.سودان", "evil.x-y",
    "evil.t-shirt",
    "evil[.]com", "evil(.)com", "evil [dot] example", "evil(punkt)example", "evil dot com", "evil  DOT  de",
    "evil punkt com", "evil point org", "evil .example", "evil . example", "evil. com",
    "a@b", "a＠b", "a (at) b", "a [at] b",
    "192.168.0.1", "10.٠.٠.1", "192 . 168 . 0 . 1", "１９２.168.0.1", "١٩٢.168.0.1", "[2001:db8::1]",
    "2001:db8:0:1:1:1:1:1", "::1",
    "0x7f000001",
]  # fmt: skip
NUMBERS = [
    "+44 7700 900123", "0170 1234567", "07 70 09 00 12", "0-1-7-0-1-2-3-4", "(0170) 123/45.67", "+441234",
    "٠١٧٠١٢٣٤٥٦٧", "٠٠٤٧٠٠١٢", "۰۰۴۷۰۰۱۲",
    "０１７０１２３４５６７", "0170\u00a01234567", "0170–1234567", "0170 _ 1234567",
    "＋４４ ７７００ ９００１２３", "❶❽⓿⓿❺❺❺❶❷❶❷", "⓵➋➌④5⑥❼", "⑩⑪⑫❿", "〇四七〇一二三四",
    "0470ー123ー456", "0470ㅡ123ㅡ456",
    "0470 --- 12 --- 34 --- 56", "0470 ... 123 ... 456", "0470    123    456", "+32 (((( 4 )))) 70", "0470+123+456",
    "0470 ★★★★★★★★★★★★ 123 ☎☎ 456", "0️⃣4️⃣7️⃣0️⃣1️⃣2️⃣3️⃣",
]  # fmt: skip
UNSEEN = [
    "e\u200bvil", "e\u200dvil", "e\u00advil", "\u202eevil", "e\ufeffvil", "e\u2060vil", "e\u3164vil", "e\u2800vil",
    "a\nb", "a\x00b", "\ud800", "\U000e0041", "a\u2028b",
]  # fmt: skip
PLAIN = [
    "We declined a payment. If it was not you, open our app.", "z.B. heute, d.h. jetzt", "S.A. Müller & Co.",
    "14:05:33", "EUR 12.50", "3.50 + 4.20", "St. Gallen", "Fertig. Online mehr.", "Ends in 1234", "5 % (fünf)",
    "Ça va ? Oui ! C’est bien…", "from 9 a.m. to 5 p.m.", "Order 123456", "1/2 – 3/4", "Café „Zur Post“",
    "Why?!",
    "A/B", "Zürich: 12", "dot", "Polka dots",
    "Café Müller & Söhne", "12.50 EUR", "1.234,50 €", "EUR 1,234.50", "CHF 1'200.–", "€12", "3 + 1 gratis",
    "+ 10 %", "No. 5",
    "Nr. 12a", "№ 7", "2 x 250 g", "50% off!", "Mo–Fr 9–17 h", "22.11., 9 h", "22/11 at 2:05 p.m.", "24 Dec 2026",
    "am 24. Dezember um 18:30 Uhr", "le 3 décembre à 8 h 15", "2026-11", "12月24日 18:30", "24 декабря, 18:30",
    "L'Épicerie d'Ève", "H&M", "C&A Zürich", "7-Eleven #1234", "Toys \"R\" Us", "Marks & Spencer",
    "Müller e.K.", "Enoteca S.p.A.",
    "Dr. Oetker", "Sr. Núñez, S.L.", "Żabka Nr 3", "Pětka 365", "Ørsted A/S", "Şok Market", "Ñandú",
    "Пятёрочка № 12", "Магазин «Ёлка»",
    "Ταβέρνα ο Γιώργος", "東京ラーメン 三号店", "三菱", "김밥천국 1호점", "北京烤鸭店", "शर्मा मिठाई भंडार",
    "ร้านข้าวมันไก่",
    "מאפיית דוד", "مخبز السلام", "Պուրի տուն։", "Pizza ½ – ½", "Room ⑤", "Nº 4711", "Studio 54 – Bar",
    "A - B - C", "Wi-Fi, 5 GHz",
]  # fmt: skip


@pytest.mark.parametrize("text", LINKS + NUMBERS + UNSEEN)
@pytest.mark.parametrize("around", ["{}", "Pay at {} now", "Bezahlt bei {}."])
def test_what_leads_somewhere_does_not_leave(text: str, around: str) -> None:
    said = around.format(text)
    assert violation(said, said)


@pytest.mark.parametrize("text", PLAIN)
def test_what_a_bank_says_leaves(text: str) -> None:
    assert violation(text, text) is None


def test_what_only_looks_like_a_number_is_not_taken_for_one() -> None:
    """An amount or a time is written by us; the same digits in a text are somebody's."""
    text = "EUR 1,234,567.00 on 22.11.2026, 14:05"
    assert violation(text, "EUR amount on amount") is None
    assert violation(text, text) == "a telephone number that is not listed"


def test_a_listed_number_may_be_told_however_it_is_written_and_no_other() -> None:
    listed = frozenset({digits("+44 20 7946 0000")})
    assert [violation(text, text, listed) for text in ("Call +44 (20) 7946-0000.", "Call 0044 20 79460000.")] == [
        None
    ] * 2
    assert violation("Call +44 20 7946 0001.", "Call +44 20 7946 0001.", listed)


SCRIPTS = [
    "abcdefghijklmnopqrstuvwxyzäöüßé",
    "абвгдежз",
    "αβγδεζ",
    "אבגדה",
    "ابتثج",
    "กขคงจ",
    "东京商店",
    "가나다라",
    "かきくけ",
    "ქართ",
    "հայե",
]
"""Letters of which one is enough for a syllable, and those that carry signs, with these signs."""
SIGNED = [("कखगभरत", "ािीे"), ("ভরতকখ", "ািী"), ("ಕಭರತ", "ಾಿೀ"), ("කලගය", "ාැී"), ("கதநமல", "ாிீ")]
LABEL = st.text("abcdefghijklmnopqrstuvwxyz0123456789äöüßéабвгд", min_size=1, max_size=12) | st.sampled_from(
    SCRIPTS
).flatmap(lambda letters: st.text(letters, min_size=1, max_size=12))
SYLLABLES = st.sampled_from(SIGNED).flatmap(
    lambda script: st.lists(
        st.builds(str.__add__, st.sampled_from(script[0]), st.sampled_from(script[1])), min_size=2, max_size=5
    )
)
SUFFIX = st.sampled_from(SCRIPTS).flatmap(lambda letters: st.text(letters, min_size=2, max_size=8)) | SYLLABLES.map(
    "".join
)
ONE_DOT = re.compile(
    r"FULL STOP$|PUNCTUATION DOT$|^(?:[A-Z]+ ){0,2}MIDDLE DOT$|DOTS-\d$|^(?:(?:WHITE )?BULLET|DOT ABOVE)$"
)
"""What Unicode calls a dot by itself."""
DRAWN = [character for character in map(chr, range(0x2FFFF)) if ONE_DOT.search(unicodedata.name(character, ""))]
DOTS = st.sampled_from(["[.]", "(dot)", " [punkt] ", *DRAWN])
WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
DIGITS = [
    *("".join(chr(zero + digit) for digit in range(10)) for zero in map(ord, "0٠०০๐０𝟎")),
    "⓪①②③④⑤⑥⑦⑧⑨", "⓿❶❷❸❹❺❻❼❽❾", "🄋➊➋➌➍➎➏➐➑➒", "〇一二三四五六七八九",
]  # fmt: skip
BETWEEN = st.text(
    st.characters(categories=["Pc", "Pd", "Ps", "Pe", "Po", "Sm", "Sc", "Sk", "So", "Zs"]).filter(
        lambda character: not any(letter.isalnum() for letter in skeleton(character))
    ),
    max_size=12,
)
STYLES = st.sampled_from(
    [str, str.upper, str.title, lambda text: unicodedata.normalize("NFD", text), lambda text: text.translate(WIDE)]
)


@pytest.mark.parametrize("dot", DRAWN)
def test_whatever_unicode_calls_a_dot_makes_a_domain(dot: str) -> None:
    assert violation(f"evil{dot}com", "") == "a domain"


@given(
    labels=st.lists(LABEL, min_size=1, max_size=3),
    suffix=SUFFIX,
    dot=DOTS,
    style=STYLES,
    around=st.text("Aa ,", max_size=6),
)
def test_no_domain_passes(labels: list[str], suffix: str, dot: str, style: "object", around: str) -> None:
    text = f"{around} {style(dot.join([*labels, suffix]))} {around}"  # type: ignore[operator]
    assert violation(text, text)


@given(
    number=st.text("0123456789", min_size=7, max_size=15),
    digit=st.sampled_from(DIGITS),
    between=st.lists(BETWEEN, min_size=1, max_size=15),
    style=STYLES,
)
def test_no_number_passes(number: str, digit: str, between: list[str], style: "object") -> None:
    """In the digits of any script, and whatever is between them that is no letter."""
    written = "".join(
        f"{digit[int(figure)]}{between[position % len(between)]}" for position, figure in enumerate(number)
    )
    text = f"call {style(written)} now"  # type: ignore[operator]
    assert violation(text, text)


@given(text=st.text(max_size=60))
def test_what_leaves_has_no_scheme_no_mail_address_and_nothing_unseen_in_its_plain_form(text: str) -> None:
    """An oracle of few words: whatever passes cannot hold these, in whichever script."""
    if violation(text, text) is None:
        assert not {"//", "@", "xn--"} & {piece for piece in ("//", "@", "xn--") if piece in skeleton(text)}
        assert all(unicodedata.category(character)[0] != "C" for character in text)


@given(text=st.text(max_size=60))
def test_the_plain_form_of_a_plain_form_is_itself(text: str) -> None:
    assert skeleton(skeleton(text)) == skeleton(text)
