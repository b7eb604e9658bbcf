"""What is worded otherwise than it was recorded, on purpose: the old text, the new one. Nothing else may differ.

Who rewords a title or a message adds its entry here, in the commit that rewords it: the shortest text that is this
message and no other, as the answer has it (in a problem's JSON with its quotes: `"title":"Old"`). Every entry is
applied to all that was recorded, in this order: one whose old text the code still says makes the replay fail, one whose
old text was never recorded fails `test_each_rewording_is_used`. A changed status, topic, document or code is no
rewording: see `record.py`.
"""

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
)
