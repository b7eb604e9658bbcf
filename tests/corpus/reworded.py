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
)
