"""The catalogue of sentences: whole in three languages, in step with the code, and written for each reader."""

import ast
import re
import string
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from opencc import OpenCC

from actions.lines import Line
from actions.policy.schema import RULES
from actions.shop import CommandKind, OrderStatus
from bot.dialogue.flows import results
from bot.dialogue.flows.table import FLOWS
from bot.nlu.reading import CATEGORIES, LANGUAGES
from bot.settings import PROJECT
from bot.texts import Catalogue, MissingTextError, as_language
from bot.turn.mood import MoodLevel
from bot.turn.packet import Source
from escalation.people_changes import APPLIED
from escalation.tickets import Stage, State

SHANGHAI = ZoneInfo("Asia/Shanghai")
DOMAINS = ("dialogue", "widget", "shop", "console", "telegram", "survey", "notices", "privacy", "staff")
# Which catalogue each script and template speaks from.
PAGES = {
    "static/approvals.js": "console", "static/console/matter.js": "console",
    "static/chat.js": "shop", "static/console.js": "console", "static/console/case.js": "console",
    "static/console/dialogs.js": "console", "static/console/notices.js": "console", "static/console/page.js": "console",
    "static/console/personal.js": "console", "static/console/queue.js": "console",
    "static/console/steps.js": "console",
    "static/console/talk.js": "console", "static/door.js": "console",
    "static/faq.js": "console", "static/live.js": "console", "static/audit.js": "staff",
    "static/people.js": "staff", "static/roster.js": "console",
    "static/shop.js": "shop", "static/supervisor.js": "console", "static/widget.js": "widget",
    "static/zone.js": "console",
    "templates/approvals.html": "console",
    "templates/chat.html": "shop", "templates/console.html": "console", "templates/demo_shop.html": "shop",
    "templates/faq.html": "console", "templates/faq_entry.html": "console", "templates/faq_preview.html": "console",
    "templates/figure_surveys.html": "console", "templates/figure_tickets.html": "console",
    "templates/languages.html": "console", "templates/audit.html": "console+staff",
    "templates/people.html": "console+staff",
    "templates/people_dialogs.html": "console+staff",
    "templates/pager.html": "console", "templates/password.html": "console",
    "templates/roster.html": "console", "templates/sheet.html": "console", "templates/survey_table.html": "console",
    "templates/sign_in.html": "console", "templates/staff.html": "console", "templates/supervisor.html": "console",
    "templates/survey.html": "survey",
}  # fmt: skip
# These ask for no sentence themselves.
SILENT = {
    "static/audit.js", "static/chat.js", "static/console/steps.js", "static/door.js", "static/faq.js", "static/live.js",
    "static/people.js", "static/roster.js", "static/shop.js", "static/supervisor.js", "static/zone.js",
    "templates/languages.html", "templates/staff.html",
}  # fmt: skip
# Looked up by a code, within a template of a template: `test_every_event_and_notice_can_be_told` has the first.
COMPOSED = {"event", "channel", "mood"}
# The name of a language is written in that language, whatever the page's.
WRITTEN_IN_ITSELF = {"zh-Hans", "zh-Hant", "en"}
# Traditional characters that a stricter conversion would write otherwise, all usual in Taiwan.
ALSO_TRADITIONAL = frozenset("台裡群著吃")
CALLS = {"say": 0, "line": 0, "Line": 0, "option": 2, "start": 1}
KEYWORDS = {"told", "opening"}
REFUSALS = {f"reason.{code}" for code in results.REASONS}
DEFAULT_POLICY = (PROJECT / "actions" / "policy" / "default.yml").read_text(encoding="utf-8")


def texts(domain: str, language: str) -> dict[str, str]:
    """Read one catalogue, or "several+together"."""
    return dict(Catalogue(*domain.split("+"), zone=SHANGHAI).texts(language))


def fields(text: str) -> set[tuple[str, str]]:
    """Return a text's parameters, each with how it is written; plurals have none in Chinese."""
    parsed = string.Formatter().parse(text)
    return {
        (name, spec or "") for _, name, spec, _ in parsed if name is not None and not (spec or "").startswith("plural:")
    }


def sources(*suffixes: str) -> Iterator[str]:
    """Read the code that speaks."""
    for folder in ("bot", "actions"):
        for path in sorted((PROJECT / folder).rglob("*")):
            if path.suffix in suffixes:
                yield path.read_text(encoding="utf-8")


def said_keys(source: str) -> Iterator[str]:
    """Yield the keys that code says, as patterns: the changing part of an f-string stands for any word."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        at = CALLS.get(name)
        named = [keyword.value for keyword in node.keywords if keyword.arg in KEYWORDS]
        for given in (*([node.args[at]] if at is not None and len(node.args) > at else ()), *named):
            yield from patterns(given)


def patterns(given: ast.expr) -> Iterator[str]:
    """Yield the patterns of an expression; a choice between two keys yields both, a variable nothing."""
    match given:
        case ast.Constant(value=str() as key):
            yield re.escape(key)
        case ast.IfExp():
            yield from (*patterns(given.body), *patterns(given.orelse))
        case ast.JoinedStr():
            parts = (re.escape(part.value) if isinstance(part, ast.Constant) else "[a-z_.]+" for part in given.values)
            yield "".join(map(str, parts))


def literal_patterns(source: str) -> Iterator[str]:
    """Yield every text in code that could be a key, wherever it stands."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant | ast.JoinedStr):
            yield from patterns(node)


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_sentence_exists_in_three_languages(domain: str) -> None:
    """The same keys, none empty."""
    per_language = {language: texts(domain, language) for language in LANGUAGES}
    keys = {language: set(found) for language, found in per_language.items()}
    assert keys["en"] == keys["zh-Hans"] == keys["zh-Hant"]
    assert [] == [key for found in per_language.values() for key, text in found.items() if not text.strip()]


@pytest.mark.parametrize("domain", DOMAINS)
def test_the_three_name_the_same_facts(domain: str) -> None:
    """A fact told in one language is told in the others, and a date is written as the same kind of date."""
    english = texts(domain, "en")
    for language in ("zh-Hans", "zh-Hant"):
        different = {key for key, text in texts(domain, language).items() if fields(text) != fields(english[key])}
        assert set() == different


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize(("language", "conversion"), [("zh-Hant", "s2t"), ("zh-Hans", "t2s")])
def test_no_sentence_is_in_the_other_script(domain: str, language: str, conversion: str) -> None:
    """No Simplified character in Traditional sentences, nor the other way round."""
    convert = OpenCC(conversion).convert
    allowed = ALSO_TRADITIONAL if language == "zh-Hant" else frozenset()
    strange = {
        (key, char)
        for key, text in texts(domain, language).items()
        for char in text
        if key not in WRITTEN_IN_ITSELF and char not in allowed and convert(char) != char
    }
    assert set() == strange


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant"])
def test_chinese_sentences_have_chinese_punctuation(language: str) -> None:
    """No half-width comma, question mark or exclamation mark beside a Chinese character."""
    found = {text for domain in DOMAINS for text in texts(domain, language).values()}
    assert [] == [text for text in found if re.search(r"[\u4e00-\u9fff][,?!;]|[,?!;][\u4e00-\u9fff]", text)]


def test_every_sentence_that_code_says_exists() -> None:
    """Each key written in bot/ and actions/ has its text."""
    known = {key for domain in DOMAINS for key in texts(domain, "en")}
    asked = {pattern for source in sources(".py") for pattern in said_keys(source) if "\\ " not in pattern}
    assert len(asked) > 80
    assert [] == sorted(pattern for pattern in asked if not any(re.fullmatch(pattern, key) for key in known))


@pytest.mark.parametrize(
    ("prefix", "endings"),
    [
        ("stage", [*State, *Stage]),
        ("topic", CATEGORIES),
        ("topic", [intent for flow in FLOWS for intent in flow.intents if "." in intent]),
        ("method", ["order", "logistics", "quality", "after_sales", "complaint", "handoff"]),
        ("method", ["exchange", "repair", "resend", "refund", "return", "compensation", "human", "lost"]),
        ("remedy", ["exchange", "repair", "resend", "refund", "return", "compensation"]),
        ("shipping", ["customer", "shop", "none"]),
        ("intact", ["yes", "no", "unsure"]),
        ("choice", ["about_order", "about_logistics", "about_quality", "about_after_sales", "about_complaint"]),
        ("result.cancel_order", ["done", "refused"]),
        ("result.issue_voucher", ["done", "refused"]),
        ("result.return_label", ["done", "refused"]),
        ("order.status", ["awaiting_payment", "awaiting_dispatch", "dispatch_overdue", "dispatched", "cancelled"]),
    ],
)  # fmt: skip
def test_every_ending_of_a_key_exists(prefix: str, endings: list[str]) -> None:
    """Keys that are put together at run time have a text for each value."""
    assert set() == {f"{prefix}.{ending}" for ending in endings} - set(texts("dialogue", "en"))


def test_everything_in_a_packet_can_be_told() -> None:
    """Every intent, every flow's question, every command and refusal of the shop, every evidence, every mood."""
    known = set(texts("console", "en"))
    intents = {intent for flow in FLOWS for intent in flow.intents if "." in intent}
    code = "\n".join(sources(".py"))
    asked = set(re.findall(r'\bask\(\s*"([a-z_]+)"', code))
    evidence = {name for found in re.findall(r"evidence: \[(.*)\]", DEFAULT_POLICY) for name in found.split(", ")}
    assert len(intents) > 25
    assert {"photo"} < evidence
    wanted = {
        "packet.intent": intents,
        "packet.command": set(CommandKind),
        "rule": set(RULES),
        "packet.reason": {key.removeprefix("reason.") for key in texts("dialogue", "en") if key in REFUSALS},
        "packet.customer": asked,
        "packet.open": evidence,
        "packet.source": set(Source),
        "mood": {level.name.lower() for level in MoodLevel},
    }
    assert set() == {f"{prefix}.{ending}" for prefix, endings in wanted.items() for ending in endings} - known


def test_no_sentence_is_left_over() -> None:
    """Every sentence of the dialogue can be said."""
    used = {pattern for source in sources(".py") for pattern in literal_patterns(source)}
    used = {pattern for pattern in used if re.search(r"[a-z]", pattern.replace("[a-z_.]+", ""))}
    everything = re.compile("|".join(sorted(used)))
    assert [] == [key for key in texts("dialogue", "en") if not everything.fullmatch(key)]


def page_patterns(code: str) -> Iterator[str]:
    """Yield the texts in a page's code that could be keys; what a template puts in stands for any words."""
    anything = "[A-Za-z0-9_.-]+"
    for quoted in re.findall(r"[\"']([A-Za-z.][A-Za-z0-9_.-]*)[\"']", code):
        before, after = anything if quoted.startswith(".") else "", anything if quoted.endswith(".") else ""
        yield f"{before}{re.escape(quoted)}{after}"
    for template in re.findall(r"`([^`\n]*)`", code):
        parts = re.split(r"\$\{[^{}]*\}", template)
        if len(parts) > 1 and "." in parts[0]:
            yield anything.join(map(re.escape, parts))


@pytest.mark.parametrize(("page", "domain"), sorted(PAGES.items()))
def test_every_sentence_that_a_page_says_exists(page: str, domain: str) -> None:
    """Each key that a script or a template asks for has its text, in the page's own catalogue."""
    code = (PROJECT / "bot" / page).read_text(encoding="utf-8")
    calls = re.findall(r"\bt\(\s*(?:[\"']([A-Za-z][\w.-]*)[\"']\s*[,)]|(`[^`]*`))", code)
    known = set(texts(domain, "en"))
    asked = {re.escape(plain) for plain, template in calls if plain}
    asked |= {pattern for _, template in calls if template for pattern in page_patterns(template)}
    assert asked or page in SILENT
    assert set() == {pattern for pattern in asked if not any(re.fullmatch(pattern, key) for key in known)}


def test_every_page_is_looked_at() -> None:
    """No script and no template is forgotten here."""
    found = {path.relative_to(PROJECT / "bot").as_posix() for path in (PROJECT / "bot").rglob("*.js")}
    found |= {path.relative_to(PROJECT / "bot").as_posix() for path in (PROJECT / "bot" / "templates").iterdir()}
    assert found == set(PAGES)


@pytest.mark.parametrize("domain", ["console", "telegram", "survey", "notices", "privacy", "staff"])
def test_no_sentence_of_these_is_left_over(domain: str) -> None:
    """Every one of them is asked for somewhere, in code, script or template."""
    used = {pattern for source in sources(".py") for pattern in literal_patterns(source)}
    used |= {pattern for source in sources(".js", ".html") for pattern in page_patterns(source)}
    used = {pattern for pattern in used if re.search(r"[a-z]", re.sub(r"\[[^\]]*\]\+", "", pattern))}
    everything = re.compile("|".join(sorted(used)))
    left = [key for key in texts(domain, "en") if not everything.fullmatch(key)]
    assert [] == [key for key in left if key.partition(".")[0] not in COMPOSED]


@pytest.mark.parametrize("domain", ["widget", "shop"])
def test_no_sentence_of_a_page_is_left_over(domain: str) -> None:
    """Every sentence of the widget and the shop is on a page."""
    code = "\n".join(sources(".js", ".html"))
    stems = {key: key.rpartition(".")[0] for key in texts(domain, "en")}
    composed = {"with", "with.queue", "error", "survey"} | WRITTEN_IN_ITSELF
    left = [
        key
        for key, stem in stems.items()
        if stem not in composed and key not in WRITTEN_IN_ITSELF and f'"{key}"' not in code
    ]
    assert [] == [key for key in left if f"'{key}'" not in code]


def test_every_flow_opens_with_a_sentence() -> None:
    """A flow's first word is in the catalogue."""
    assert {flow.opening for flow in FLOWS} - {None} <= set(texts("dialogue", "en"))


def test_complaint_stages_can_be_told() -> None:
    """Every stage a complaint goes through has a name for the customer."""
    assert {f"stage.{name}" for name in Stage} <= set(texts("dialogue", "en"))


def test_every_order_status_can_be_told() -> None:
    """No status of the shop's book is without a sentence."""
    keys = set(texts("dialogue", "en"))
    told = {OrderStatus.PAID: "order.status.awaiting_dispatch"}
    assert {told.get(status, f"order.status.{status}") for status in OrderStatus} <= keys


# How facts are written


@pytest.fixture
def catalogue() -> Catalogue:
    """The dialogue's sentences, dated in Shanghai."""
    return Catalogue("dialogue", zone=SHANGHAI)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh-Hans", "本该3月1日前送到，已经晚了 2 天，很抱歉。"),
        ("zh-Hant", "原定3月1日前送達，已經遲了 2 天，很抱歉。"),
        ("en", "It was due by 1 March and is 2 days late; we are sorry."),
    ],
)
def test_a_day_is_told_in_the_shops_zone(language: str, text: str, catalogue: Catalogue) -> None:
    """17:00 UTC on the last day of February is the first of March in Shanghai."""
    promised_at = datetime(2027, 2, 28, 17, tzinfo=UTC)
    assert text == catalogue.say("parcel.late", language, promised_at=promised_at, days=2)


@pytest.mark.parametrize(("days", "written"), [(1, "1 day late"), (2, "2 days late"), (0, "0 days late")])
def test_english_knows_one_from_many(days: int, written: str, catalogue: Catalogue) -> None:
    """A plural chooses its word; a second one in the same sentence too."""
    assert written in catalogue.say("parcel.late", "en", promised_at=datetime(2027, 3, 1, tzinfo=UTC), days=days)
    assert "Got 1 photo; I'll keep it" in catalogue.say("photo.kept", "en", count=1)
    assert "Got 3 photos; I'll keep them" in catalogue.say("photo.kept", "en", count=3)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh-Hans", "包裹已于3月1日 15:05 签收（C，T）。"),
        ("zh-Hant", "包裹已於3月1日 15:05 簽收（C，T）。"),
        ("en", "The parcel was signed for on 1 March at 15:05 (C, T)."),
    ],
)
def test_a_moment_has_its_time_of_day(language: str, text: str, catalogue: Catalogue) -> None:
    """Day, month, hours and minutes on a clock of 24 hours, in Shanghai."""
    signed_at = datetime(2027, 3, 1, 7, 5, tzinfo=UTC)
    assert text == catalogue.say("parcel.signed", language, signed_at=signed_at, carrier="C", tracking="T")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh-Hans", "灯的保修从2026年3月1日到2027年3月1日，"),
        ("zh-Hant", "燈的保固從2026年3月1日到2027年3月1日，"),
        ("en", "The warranty of your lamp runs from 1 March 2026 to 1 March 2027,"),
    ],
)
def test_a_date_has_its_year_and_the_whole_month(language: str, text: str, catalogue: Catalogue) -> None:
    """As the policy's explanations write it."""
    start, until = (datetime(year, 3, 1, tzinfo=UTC) for year in (2026, 2027))
    item = {"zh-Hans": "灯", "zh-Hant": "燈", "en": "lamp"}
    assert text in catalogue.say("warranty.running", language, item=item, start=start, until=until)


@pytest.mark.parametrize(
    ("owner", "hans", "hant"),
    [
        ("Lin", "Lin 已接手工单 SW-1，", "Lin 已接手案件 SW-1，"),
        ("林小雨", "林小雨已接手工单 SW-1，", "林小雨已接手案件 SW-1，"),
    ],
)
def test_a_name_stands_as_its_letters_are_set(owner: str, hans: str, hant: str, catalogue: Catalogue) -> None:
    """Apart from Chinese if it is Latin, close to it if it is Chinese."""
    assert catalogue.say("promise.owner", "zh-Hans", owner=owner, number="SW-1").startswith(hans)
    assert catalogue.say("promise.owner", "zh-Hant", owner=owner, number="SW-1").startswith(hant)


@pytest.mark.parametrize(
    ("amount", "written"), [("1299.50", "¥1,299.50"), ("1300.00", "¥1,300"), ("100.00", "¥100"), ("0.00", "¥0")]
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_money_is_yuan(language: str, amount: str, written: str, catalogue: Catalogue) -> None:
    """Two places or, of whole yuan, none; thousands apart, the sign that readers know."""
    said = catalogue.say("refund.overdue", language, order="1", amount=Decimal(amount))
    assert written in re.findall(r"¥[\d.,]*\d", said)


def test_a_line_within_a_line_is_written_in_the_same_language(catalogue: Catalogue) -> None:
    """And so are names that exist in three languages, and lists."""
    line = Line(
        "order.status.cancelled", {"order": Line("choice.yes"), "item": {"zh-Hans": "甲", "zh-Hant": "乙", "en": "C"}}
    )
    assert "乙" in catalogue.write(line, "zh-Hant")
    assert "Yes (C)" in catalogue.write(line, "en")
    listed = {"order": "1", "item": [{"zh-Hans": "甲", "zh-Hant": "乙", "en": "C"}] * 2}
    assert "甲、甲" in catalogue.say("order.status.cancelled", "zh-Hans", **listed)
    assert "C, C" in catalogue.say("order.status.cancelled", "en", **listed)


def test_a_duration_is_written_in_words(catalogue: Catalogue) -> None:
    """As a reader would say it."""
    assert "2 days" in catalogue.say("finding.payment_missing", "en", order=timedelta(days=2), amount=Decimal(1))


def test_what_a_customer_wrote_is_never_a_template(catalogue: Catalogue) -> None:
    """Braces in a parameter stay braces."""
    assert "{order}" in catalogue.say("cancel.kept", "en", order="{order}")


def test_a_missing_sentence_is_an_error(catalogue: Catalogue) -> None:
    """By key and language, not silence."""
    with pytest.raises(MissingTextError, match=r"no\.such \(en\)"):
        catalogue.say("no.such", "en")
    with pytest.raises(KeyError, match="order"):
        catalogue.say("cancel.kept", "en")


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("zh", "zh-Hans"), ("zh-CN", "zh-Hans"), ("zh-Hans-HK", "zh-Hans"), ("zh-TW", "zh-Hant"), ("zh_HK", "zh-Hant"),
        ("zh-Hant", "zh-Hant"), ("zh-MO", "zh-Hant"), ("zh-SG", "zh-Hans"), ("en", "en"), ("en-GB", "en"),
        ("EN_us", "en"), ("fr", None), ("", None), (None, None), ("english", None), ("\ud800", None),
    ],
)  # fmt: skip
def test_a_locale_tag_names_a_language(tag: str | None, language: str | None) -> None:
    """As browsers and phones write them; others are nobody's."""
    assert language == as_language(tag)


def test_catalogues_are_files_of_the_package() -> None:
    """One file a domain and language, and nothing else beside them."""
    found = {path.relative_to(PROJECT / "bot" / "locale") for path in (PROJECT / "bot" / "locale").rglob("*.po")}
    folders = ("zh_Hans", "zh_Hant", "en")
    assert {Path(folder, "LC_MESSAGES", f"{domain}.po") for folder in folders for domain in DOMAINS} == found


def test_everything_in_the_audit_log_has_a_name() -> None:
    """Whatever code writes into it, beside what stands in a ticket's history (the next test)."""
    code = "\n".join(sources(".py")) + "\n".join(
        path.read_text(encoding="utf-8") for path in (PROJECT / "escalation").glob("*.py")
    )
    written = set(re.findall(r'\baction="([a-z_]+)"', code))
    written |= set(re.findall(r'\b_(?:audit|log|log_about)\([^()]*?"([a-z_]+)"', code))
    written |= set(re.findall(r'\brecord_privacy\(\s*session, [\w.]+, "([a-z_]+)"', code))
    assert len(written) > 20
    assert set() == {f"audit.kind.{kind}" for kind in written | set(APPLIED.values())} - set(texts("staff", "en"))


def test_every_event_and_notice_can_be_told() -> None:
    """What escalation records about a ticket, and tells people, has words in the console."""
    code = "\n".join(path.read_text(encoding="utf-8") for path in (PROJECT / "escalation").glob("*.py"))
    events = set(re.findall(r'record\(\s*session,\s*ticket,\s*"([a-z_]+)"', code))
    notices = set(re.findall(r'notify\([^()]*kind="([a-z_]+)"', code))
    assert len(events) > 15
    known = set(texts("console", "en"))
    assert set() == {f"event.{event}" for event in events} - known
    assert set() == {f"notice.{notice}" for notice in notices} - known
