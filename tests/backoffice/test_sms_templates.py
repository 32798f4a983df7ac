"""System > SMS templates: every text in sight, edited with a preview, nothing saved that fails."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from backoffice.audit.log import SYSTEM
from backoffice.audit.models import AuditEvent
from backoffice.policy.changes import change as change_settings
from smsproviders import template_changes, templating
from smsproviders.models import SmsTemplate
from tests.backoffice.books import desk
from tests.backoffice.operators import operator, sign_in
from tests.backoffice.test_admin_browser import Open, open_as  # noqa: F401 (a fixture)
from tests.services.looks import look_everywhere
from twofa.built_in_texts import BUILT_IN
from twofa.vocabulary import Purpose

if TYPE_CHECKING:
    from playwright.sync_api import Page

LIST = "/admin/smsproviders/smstemplate/"
FRENCH = f"{LIST}sign_in/fr/"
BUILT_IN_FRENCH = BUILT_IN[Purpose.SIGN_IN]["fr"]
OWN = "%CODE% : votre code pour %BRAND%."


@pytest.fixture(autouse=True)
def _texts_are_read_anew() -> Iterator[None]:
    templating.forget()
    yield
    templating.forget()


def save(browser: Client, text: str, *, seen: str = "", **more: str) -> Any:
    return browser.post(FRENCH, {"text": text, "seen": seen, **more}, follow=True)


def own_text() -> str:
    return SmsTemplate.objects.get(purpose="sign_in", language="fr").text


def page_of(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.mark.django_db
class TestTheList:
    def test_it_shows_every_purpose_in_every_language(
        self, integrator: Client, settings: Any
    ) -> None:
        page = page_of(integrator.get(LIST))
        for purpose in Purpose:
            for language, _name in settings.LANGUAGES:
                assert f'data-test="template-{purpose}-{language}"' in page
                assert f'href="{LIST}{purpose}/{language}/"' in page
        assert page.count("1 segment, GSM-7") == 16
        assert page.count("2 segments, UCS-2") == 8
        assert "chip warn" not in page

    def test_an_own_text_is_marked_with_who_and_what_it_costs_more(
        self, integrator: Client
    ) -> None:
        save(integrator, f"{OWN} Même ici, gardez-le.")
        page = page_of(integrator.get(LIST))
        assert "Même ici, gardez-le." in page
        assert BUILT_IN_FRENCH not in page
        assert '<span class="chip ok">Own text</span>' in page
        assert '<span class="chip warn">2 segments, UCS-2</span>' in page
        assert "i@example.com" in page
        assert "just now" in page

    def test_one_that_cannot_be_used_is_named_with_what_is_sent_instead(
        self, integrator: Client
    ) -> None:
        SmsTemplate.objects.create(purpose="sign_in", language="fr", text="Pas de code")
        answer = integrator.get(LIST)
        page = page_of(answer)
        assert answer.context["unusable"] == [("Signing in, French", FRENCH)]
        assert '<span class="chip bad">Cannot be used</span>' in page
        assert "The text has no %CODE%." in page
        assert BUILT_IN_FRENCH in page
        assert "Pas de code" not in page

    def test_a_language_without_a_built_in_text_says_which_is_sent(
        self, integrator: Client, settings: Any
    ) -> None:
        settings.LANGUAGES = [*settings.LANGUAGES, ("pt-br", "Português")]
        page = page_of(integrator.get(LIST))
        assert "As in English" in page
        assert integrator.get(f"{LIST}sign_in/pt-br/").status_code == 200

    def test_a_text_in_a_language_that_nobody_can_have_is_shown_too(
        self, integrator: Client
    ) -> None:
        SmsTemplate.objects.create(purpose="sign_in", language="xx", text=OWN)
        assert 'data-test="template-sign_in-xx"' in page_of(integrator.get(LIST))
        assert integrator.get(f"{LIST}sign_in/xx/").status_code == 200

    def test_it_reads_the_texts_once(
        self, integrator: Client, django_assert_max_num_queries: Any
    ) -> None:
        save(integrator, OWN)
        with django_assert_max_num_queries(12) as queries:
            integrator.get(LIST)
        assert sum("smsproviders_smstemplate" in one["sql"] for one in queries) == 1


@pytest.mark.django_db
class TestEditing:
    def test_it_begins_with_the_text_that_is_sent(self, integrator: Client) -> None:
        answer = integrator.get(FRENCH)
        assert answer.context["form"]["text"].value() == BUILT_IN_FRENCH
        assert "123456 est votre code de connexion Back Office." in page_of(answer)
        assert "@127.0.0.1 #123456" in page_of(answer)
        assert "Back to the built-in text" not in page_of(answer)

    def test_a_text_is_saved_logged_and_shown(self, integrator: Client) -> None:
        answer = save(integrator, OWN)
        assert answer.redirect_chain == [(f"{LIST}#sign_in-fr", 302)]
        assert "Saved: Signing in, French." in page_of(answer)
        assert own_text() == OWN
        event = AuditEvent.objects.get(action="template.changed")
        assert event.actor_kind == "operator"
        assert integrator.get(FRENCH).context["form"]["text"].value() == OWN

    def test_saving_the_built_in_text_changes_nothing(self, integrator: Client) -> None:
        assert "Nothing was changed." in page_of(save(integrator, BUILT_IN_FRENCH))
        assert not SmsTemplate.objects.exists()

    def test_one_that_cannot_work_is_refused_and_stays_typed(self, integrator: Client) -> None:
        answer = save(integrator, "Bonjour %NOM%")
        assert answer.status_code == 200
        assert len(answer.context["form"].errors["text"]) == 2
        assert answer.context["form"]["text"].value() == "Bonjour %NOM%"
        page = page_of(answer)
        assert "Nothing was saved: this text cannot be used yet." in page
        assert page.count("%NOM% is not known") == 1
        assert not SmsTemplate.objects.exists()

    def test_one_that_is_far_too_long_is_refused_without_an_error(self, integrator: Client) -> None:
        answer = save(integrator, "%CODE%" + "a" * 5000)
        assert answer.status_code == 200
        assert answer.context["form"].errors["text"]

    def test_the_preview_button_saves_nothing(self, integrator: Client) -> None:
        answer = save(integrator, "%CODE% ê", preview="1")
        page = page_of(answer)
        assert "123456 ê" in page
        assert "“ê” makes it 70 characters a segment" in page
        assert "Without %BRAND%" in page
        assert "Nothing was saved" not in page
        assert not SmsTemplate.objects.exists()

    def test_the_live_preview_is_a_part_of_the_page(self, integrator: Client) -> None:
        answer = save(integrator, "<b>%CODE% %CODE%", part="1")
        page = page_of(answer)
        assert "<html" not in page
        assert "&lt;b&gt;123456 123456" in page
        assert "stands in the text 2 times" in page
        assert not SmsTemplate.objects.exists()

    def test_the_preview_counts_the_longest_name_too(self, integrator: Client) -> None:
        change_settings({"service_name": "A"}, actor=SYSTEM)
        preview = save(integrator, "%CODE% %BRAND%" + "a" * 120, preview="1").context["preview"]
        assert preview.size == "1 segment, GSM-7"
        assert preview.size_at_longest == "2 segments, GSM-7"

    def test_what_a_colleague_saved_meanwhile_stays(self, integrator: Client) -> None:
        template_changes.change("sign_in", "fr", OWN, actor=SYSTEM)
        answer = save(integrator, "%CODE% %BRAND%", seen="")
        assert "Somebody changed this text meanwhile." in page_of(answer)
        assert own_text() == OWN

    def test_back_to_the_built_in_text_asks_first(self, integrator: Client) -> None:
        save(integrator, OWN)
        address = f"{FRENCH}built-in/"
        page = page_of(integrator.get(address))
        assert OWN in page
        assert BUILT_IN_FRENCH in page
        assert own_text() == OWN
        answer = integrator.post(address, follow=True)
        assert "Back to the built-in text: Signing in, French." in page_of(answer)
        assert not SmsTemplate.objects.exists()
        assert integrator.get(address).status_code == 302

    def test_what_does_not_exist_is_not_found(self, integrator: Client) -> None:
        for address in ("sign_in/xx/", "nothing/fr/", "sign_in/xx/built-in/"):
            assert integrator.get(LIST + address).status_code == 404

    def test_there_is_no_way_round_through_djangos_own_pages(self, integrator: Client) -> None:
        save(integrator, OWN)
        pk = SmsTemplate.objects.get().pk
        assert integrator.post(f"{LIST}add/", {"text": "x"}).status_code in {302, 403}
        assert integrator.post(f"{LIST}{pk}/delete/", {"post": "yes"}).status_code in {403, 404}
        assert integrator.post(f"{LIST}{pk}/change/", {"text": "x"}).status_code in {302, 403, 404}
        assert own_text() == OWN


@pytest.mark.django_db
class TestWhoMay:
    @pytest.mark.parametrize("group", ["Integrator", "Administrator"])
    def test_s47_these_groups_keep_the_texts(self, client: Client, group: str) -> None:
        desk(client, group)
        assert "SMS templates" in page_of(client.get("/admin/"))
        save(client, OWN)
        assert own_text() == OWN
        client.post(f"{FRENCH}built-in/")
        assert not SmsTemplate.objects.exists()

    @pytest.mark.parametrize("group", ["Support", "Security desk", "Auditor"])
    def test_s47_the_others_do_not(self, client: Client, group: str) -> None:
        desk(client, group)
        template_changes.change("sign_in", "fr", OWN, actor=SYSTEM)
        assert "SMS templates" not in page_of(client.get("/admin/"))
        for address in (LIST, FRENCH, f"{FRENCH}built-in/"):
            assert client.get(address).status_code == 403
            assert client.post(address, {"text": "%CODE%", "seen": OWN}).status_code == 403
        assert own_text() == OWN

    def test_s47_who_may_only_look_cannot_change(self, client: Client) -> None:
        sign_in(client, operator(permissions=["smsproviders.view_smstemplate"]))
        template_changes.change("sign_in", "fr", OWN, actor=SYSTEM)
        page = page_of(client.get(FRENCH))
        assert "You may see this text, not change it." in page
        assert "Save" not in page
        assert client.post(FRENCH, {"text": "%CODE%", "seen": OWN}).status_code == 403
        assert client.get(f"{FRENCH}built-in/").status_code == 403
        assert client.post(f"{FRENCH}built-in/").status_code == 403
        assert own_text() == OWN

    def test_logs_call_a_text_by_its_purpose_and_language(self, client: Client) -> None:
        desk(client, "Administrator")
        save(client, OWN)
        page = page_of(client.get("/admin/audit/auditevent/?subject=template:sign_in:fr"))
        assert f'<a href="{FRENCH}">Signing in, French</a>' in page
        assert "SMS template changed" in page


def told(page: "Page") -> str:
    return page.locator("[data-test=size]").inner_text()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
class TestInABrowser:
    def test_the_preview_follows_what_is_typed(
        self,
        open_as: Open,  # noqa: F811
        console_errors: list[str],
    ) -> None:
        page = open_as("Integrator")
        page.goto(FRENCH)
        assert told(page) == "1 segment, GSM-7"
        page.get_by_label("Text").fill("%CODE% être %BRAND%")
        page.get_by_text("“ê” makes it 70").wait_for()
        assert told(page) == "1 segment, UCS-2"
        assert page.locator("#preview-told").inner_text() == "1 segment, UCS-2"
        assert page.locator("[data-test=message]").inner_text().startswith("123456 être Back")
        page.get_by_label("Text").fill("no code")
        page.get_by_text("The text has no %CODE%").wait_for()
        page.get_by_label("Text").fill("%CODE% %BRAND%")
        # By keyboard alone: the next stop is the button.
        page.get_by_label("Text").press("Tab")
        page.keyboard.press("Enter")
        page.get_by_text("Saved: Signing in, French.").wait_for()
        assert console_errors == []

    def test_without_script_the_button_does_the_same(self, open_as: Open) -> None:  # noqa: F811
        page = open_as("Integrator", java_script_enabled=False)
        page.goto(FRENCH)
        page.get_by_label("Text").fill("%CODE% être")
        page.get_by_role("button", name="Preview").click()
        assert told(page) == "1 segment, UCS-2"
        assert page.get_by_label("Text").input_value() == "%CODE% être"

    def test_arabic_is_written_from_the_right_with_its_code_in_order(
        self,
        open_as: Open,  # noqa: F811
    ) -> None:
        page = open_as("Integrator")
        page.goto(f"{LIST}sign_in/ar/")
        lefts = page.evaluate(
            """() => {
                const text = document.querySelector("[data-test=message]").firstChild;
                const left = (part, from = 0) => {
                    const range = document.createRange();
                    const at = text.data.indexOf(part, from);
                    range.setStart(text, at);
                    range.setEnd(text, at + 1);
                    return range.getBoundingClientRect().left;
                };
                const line = text.data.lastIndexOf("@");
                return { one: left("1"), six: left("6"), word: left("هو"), name: left("Back"),
                         at: left("@"), host: left("127", line), code: left("#123456") };
            }"""
        )
        # The code stands first, at the right; its digits run from the left.
        assert lefts["word"] < lefts["one"] < lefts["six"]
        assert lefts["name"] < lefts["word"]
        # The line for browsers runs from the left, as it must.
        assert lefts["at"] < lefts["host"] < lefts["code"]

    def test_no_page_has_a_finding_an_overflow_or_a_refused_style(
        self,
        open_as: Open,  # noqa: F811
        console_errors: list[str],
    ) -> None:
        page = open_as()
        template_changes.change("sign_in", "fr", f"{OWN} Même", actor=SYSTEM)
        SmsTemplate.objects.create(purpose="step_up", language="de", text="Kein Code")
        for address in (LIST, FRENCH, f"{FRENCH}built-in/"):
            page.goto(address)
            look_everywhere(page)
        assert console_errors == []
