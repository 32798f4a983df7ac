from django.db import migrations

OLDER = """
INSERT INTO audit_unsealedevent (event_id)
SELECT id FROM audit_auditevent
 WHERE NOT EXISTS (SELECT 1 FROM audit_auditseal WHERE event_id = audit_auditevent.id)
    ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    """Events from before the trigger wait for their seals too.

    Apart from the migration that makes it, whose lock would keep events from being written while a
    large log is read. That one waited for whoever was writing, so each event has its row by now or
    can be seen here.
    """

    dependencies = [("audit", "0003_seals")]

    operations = [migrations.RunSQL(OLDER, migrations.RunSQL.noop)]
