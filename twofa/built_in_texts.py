"""What an SMS with a code says as long as no operator wrote another text.

The code first, so that a locked phone shows it. One GSM-7 segment with the last line and a long
name, hence the words without rarer accents (Spanish "clave", not "código"); two where the script
needs UCS-2. In Arabic a word of the language stands before the name, so that phones write the
message from the right.
"""

# ruff: noqa: RUF001 - Cyrillic words are meant.

from collections.abc import Mapping

from twofa.vocabulary import Purpose

BUILT_IN: Mapping[Purpose, Mapping[str, str]] = {
    Purpose.SIGN_IN: {
        "en": "%CODE% is your %BRAND% sign-in code. Never tell it to anyone.",
        "fr": "%CODE% est votre code de connexion %BRAND%. Ne le donnez à personne.",
        "es": "%CODE% es su clave de acceso a %BRAND%. No la comparta con nadie.",
        "de": "%CODE% ist Ihr Anmeldecode für %BRAND%. Geben Sie ihn nicht weiter.",
        "ru": "%CODE% — код для входа в %BRAND%. Никому его не сообщайте.",
        "ar": "%CODE% هو رمز تسجيل الدخول إلى %BRAND%. لا يُشارك مع أحد.",
    },
    Purpose.ENROL: {
        "en": "%CODE% is your %BRAND% code to confirm this number. Never tell it to anyone.",
        "fr": "%CODE% est votre code %BRAND% pour confirmer ce numéro. Ne le donnez à personne.",
        "es": "%CODE% es su clave de %BRAND% para confirmar este teléfono. "
        "No la comparta con nadie.",
        "de": "%CODE% ist Ihr Code von %BRAND%, um diese Nummer zu bestätigen. "
        "Geben Sie ihn nicht weiter.",
        "ru": "%CODE% — код %BRAND% для подтверждения номера. Никому его не сообщайте.",
        "ar": "%CODE% هو رمز تأكيد هذا الرقم في %BRAND%. لا يُشارك مع أحد.",
    },
    Purpose.STEP_UP: {
        "en": "%CODE% is your %BRAND% code to confirm a change. Never tell it to anyone.",
        "fr": "%CODE% est votre code %BRAND% pour confirmer une modification. "
        "Ne le donnez à personne.",
        "es": "%CODE% es su clave de %BRAND% para confirmar un cambio. No la comparta con nadie.",
        "de": "%CODE% ist Ihr Code von %BRAND%, um eine Änderung zu bestätigen. "
        "Geben Sie ihn nicht weiter.",
        "ru": "%CODE% — код %BRAND% для подтверждения изменения. Никому его не сообщайте.",
        "ar": "%CODE% هو رمز تأكيد التغيير في %BRAND%. لا يُشارك مع أحد.",
    },
    Purpose.OPERATOR_ACT: {
        "en": "%CODE% is your %BRAND% code to change a client's account. Never tell it to anyone.",
        "fr": "%CODE% est votre code %BRAND% pour modifier le compte d'un client. "
        "Ne le donnez à personne.",
        "es": "%CODE% es su clave de %BRAND% para cambiar la cuenta de un cliente. "
        "No la comparta con nadie.",
        "de": "%CODE% ist Ihr Code von %BRAND% für eine Änderung an einem Kundenkonto. "
        "Geben Sie ihn nicht weiter.",
        "ru": "%CODE% — код %BRAND% для изменения данных клиента. Никому его не сообщайте.",
        "ar": "%CODE% هو رمز تأكيد إجراء على حساب عميل في %BRAND%. لا يُشارك مع أحد.",
    },
}
