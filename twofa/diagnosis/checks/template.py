"""Whether the text of the SMS can be sent in the client's language.

An own text that cannot work is passed over for the built-in one, so it stops nobody: a word here,
not a finding. A text that a provider refused is found with its message.
"""

from django.utils.translation import gettext as _

from twofa.diagnosis.checks.line import fine
from twofa.diagnosis.facts import Facts
from twofa.diagnosis.findings import Checked


def template(facts: Facts) -> Checked:
    title = _("SMS template")
    if not facts.uses_sms:
        return fine("template", title, _("No codes by SMS."), facts.at)
    well = _("It can be sent as it is.")
    if facts.template_problem:
        well = _("Our own text cannot be used, so the next one goes out: %(problem)s") % {
            "problem": facts.template_problem
        }
    return fine("template", title, well, facts.at)
