"""What is worded otherwise than it was recorded, on purpose: the old text, the new one. Nothing else may differ.

Who rewords a title or a message adds its entry here, in the commit that rewords it: the shortest text that is this
message and no other, as the answer has it (in a problem's JSON with its quotes: `"title":"Old"`). Every entry is
applied to all that was recorded, in this order: one whose old text the code still says makes the replay fail, one whose
old text was never recorded fails `test_each_rewording_is_used`. A changed status, topic, document or code is no
rewording: see `record.py`.
"""

from collections.abc import Mapping

_NO_TIME = r"the value does not match \"^([01][0-9]|2[0-3]):[0-5][0-9]$\""  # as JSON has it in a text
_NO_FORM = "the value is not valid under any of the schemas listed in the 'oneOf' keyword"
_NONE = "fits none of its forms: /{}: is required; or /{}: is required"
_UNKNOWN = "no operation cards is known, its question is not looked at\n"
_IN_FILE, _IN_STORE = f"warning: DIRECTORY/r.yaml:2:1: {_UNKNOWN}", f"warning: /operation: {_UNKNOWN}"
_SCRIPTS, _HELP = "Print JSON, for scripts.\n", "Show this message and exit.\n"
_AGAINST = (
    (
        "Hold it against the operation, or the rule set, in this file\n"
        "                  instead of the one that comes with the code.\n"
    ),
    (
        "Hold it against the operation, or the rule\n"
        "                                  set, in this file instead of the one that\n"
        "                                  comes with the code.\n"
    ),
)
_TEXT, _NOT_EMPTY = '"type":"string"', '"type":"string","minLength":1'
_VERIFY = (
    (
        "  Every entry is read and its hash is computed here. Somebody who can write to\n"
        "  the store could cut entries off the end: that shows against an anchor. Number\n"
        "  and hash of each entry are in the logs (kind `audit`), where that somebody\n"
        "  cannot get at them.\n\n"
        "  Exit code 1 if anything is wrong.\n\n"
        "Options:\n"
        "  --anchor NUMBER:HASH  A hash that was logged when the entry was written; may\n"
        "                        be given often.\n"
    ),
    (
        "  Every entry is read, its hash is computed here, and compared with the one that\n"
        "  was logged when it was written: who can write to the store could seal a\n"
        "  changed chain anew, or cut off its end, but cannot change the log. Heads in\n"
        "  the log that are signed are verified. On Google Cloud reading the log takes\n"
        "  SLACKER_AUDIT_LOG and SLACKER_KEY_RING.\n\n"
        "  Exit code 1 if anything is wrong, or the log cannot be read.\n\n"
        "Options:\n"
        "  --anchor NUMBER:HASH  A hash that you have from elsewhere; may be given often.\n"
        "  --without-log         Do not compare with what was logged: finds less.\n"
    ),
)
_LAST = '"late_reversals":{{"found":{},"done":{},"failed":0}}}}'
_AUDIT = '"audit_head":{"found":0,"done":0,"failed":0},"audit_check":{"found":0,"done":0,"failed":0}}'

REWORDED: tuple[tuple[str, str], ...] = (
    # The title of a problem JSON is its status' phrase.
    ('"title":"In conflict with what is there"', '"title":"Conflict"'),
    ('"title":"Something is wrong on our side"', '"title":"Internal Server Error"'),
    ('"title":"The body cannot be read"', '"title":"Bad Request"'),
    ('"title":"The body is too large"', '"title":"Content Too Large"'),
    ('"title":"The path does not take this method"', '"title":"Method Not Allowed"'),
    ('"title":"The request breaks its contract"', '"title":"Unprocessable Content"'),
    ('"title":"There is no such thing"', '"title":"Not Found"'),
    ('"title":"Try again"', '"title":"Service Unavailable"'),
    ('"title":"Who asks is unknown"', '"title":"Unauthorized"'),
    ('"title":"Who asks may not"', '"title":"Forbidden"'),
    # A review's ticket names its client by a token, as the issue in Jira always did: the command, and its digest in the
    # ledger (base64).
    ('{"client_id":"C-1","details":', '{"client_id":"t1_17964cfea5199255f623897a1e6e853c","details":'),
    ('{"client_id":"client-00000","details":', '{"client_id":"t1_ebc639958e5ff2f2c55f02c1c9196ab0","details":'),
    ('{"client_id":"client-00005","details":', '{"client_id":"t1_2ad3e13d04aa1a28cc7fbfbef3476558","details":'),
    ("GPDuQgunVPvlPgpr3HWnYYr8bhK6EgdWESkFmVnPpwz", "EMyCjfgL/TYAqfwICH8obXswWuqHB7IHwI4A7x6AJER"),
    ("FKv8AoBziR9KdKIvRmjy9tg03dBGA+qfFPKP4jyng6I", "O0sgD1aLFlik2s+o/5kXYdjLn0B5LoDlHQucsWsQZQl"),
    ("O7C5h59VvCkPhVXOWHgWilckNN2q9T/pkt0m5fD+KZJ", "KQKu1LF7Fqoe/kmnkQOb6ESyy9XA5/K1KpZ56u8TdLF"),
    ("H+NpT5qD6jonGakDZUi8KVjQaDuUuABAdHbcaitJqGq", "NSc3dWe1Vc3Xwjfe0nnDbMO/g4FgD+RgVVHG49iyztB"),
    ("J4vGMgUtLbf2vpiT4BuuO8MtGxV5VljILL6wmLHoHj7", "KpB56NHJ96NfAuyk7eWAOlJr+2hzIpg13d6tK7sPsA1"),
    (
        (
            "field away. What came is kept beside it. Nothing is sent before somebody\n"
            "  redrives it. A resolve_transaction is never edited: it is sent as decided.\n"
        ),
        (
            "field away. What came is kept beside it. Nothing is sent before somebody\n"
            "  redrives it; what its client will read takes two for that. It stays the\n"
            "  command it is: id, type, operation, client, issuer, times. A\n"
            "  resolve_transaction is never edited: it is sent as decided.\n"
        ),
    ),
    # Scheduled work looks after the audit, too.
    *((_LAST.format(n, n), f"{_LAST.format(n, n)[:-1]},{_AUDIT}") for n in (0, 1)),
    # The log is read by default.
    _VERIFY,
    # What is wrong in the nearest of several forms is told, field by field.
    (f"DIRECTORY/r.yaml:1:1: {_NO_FORM}", f"DIRECTORY/r.yaml:1:1: {_NONE.format('question', 'question_schema')}"),
    (f'/quiet_hours: {_NO_FORM}"', f'/quiet_hours/start: {_NO_TIME}; /quiet_hours/end: {_NO_TIME}"'),
    (
        f'{{"field":"/quiet_hours","message":"{_NO_FORM}"}}',
        f'{{"field":"/quiet_hours/start","message":"{_NO_TIME}"}},{{"field":"/quiet_hours/end","message":"{_NO_TIME}"}}',
    ),
    (_NO_FORM, _NONE.format("fid", "token")),
    ("an int has 64 bits; this number needs more", "this number is too large for an int, expected one of 64 bits"),
    # A rule set whose operation is not known is published with a warning; files are held against each other.
    ("DIRECTORY/r.yaml: 2 rules, 1 list; 4 ", f"{_IN_FILE}DIRECTORY/r.yaml: 2 rules, 1 list; 4 "),
    ("proposed cards@", f"{_IN_FILE}proposed cards@"),
    ("nothing to do: cards@2 has this content", f"{_IN_FILE}nothing to do: cards@2 has this content"),
    ("cards@1, proposed by ana: first\nn", f"{_IN_STORE}cards@1, proposed by ana: first\nn"),
    ("cards@2, proposed by ana: second\na", f"{_IN_STORE}cards@2, proposed by ana: second\na"),
    ("cards@3, proposed by ana: third\na", f"{_IN_STORE}cards@3, proposed by ana: third\na"),
    (
        f"wrong.\n\nOptions:\n  --json      {_SCRIPTS}  -h, --help  {_HELP}",
        f"wrong.\n\nOptions:\n  --against FILE  {_AGAINST[0]}  --json          {_SCRIPTS}  -h, --help      {_HELP}",
    ),
    ("JSON.\n  --values PATH", f"JSON.\n  --against FILE                  {_AGAINST[1]}  --values PATH"),
    # A filter by nothing is refused.
    (f'type of command, or else a topic.",{_TEXT}', f'type of command, or else a topic.",{_NOT_EMPTY}'),
    (f'part of the reason, or its whole code.",{_TEXT}', f'part of the reason, or its whole code.",{_NOT_EMPTY}'),
    (
        f'"The bank\'s id of a client, or the token.",{_TEXT}',
        f'"The bank\'s id of a client, or the token.",{_NOT_EMPTY}',
    ),
)

LOGGED: Mapping[str, tuple[str, ...]] = {
    "audit": ("at", "caller", "outcome", "previous", "targets", "subjects"),
    "audit_head": (),
}
"""Log lines that say more than was recorded, by kind: the fields that are new, none where the line itself is."""

FIELDS: Mapping[tuple[str, ...], tuple[str, ...]] = {("/quiet_hours",): ("/quiet_hours/start", "/quiet_hours/end")}
"""Lists of the fields that are wrong, which are told more exactly now."""
