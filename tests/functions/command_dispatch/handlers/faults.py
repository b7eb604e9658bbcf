"""Faults of a downstream, each for one call."""

from hypothesis import strategies as st

from local.stand_ins.faults import Fault

FAULTS = st.one_of(
    st.builds(
        Fault,
        kind=st.sampled_from(["status", "disconnect", "garbage"]),
        status=st.sampled_from([500, 502, 503, 504]),
        after_commit=st.booleans(),
        times=st.just(1),
    ),
    st.just(Fault("status", 429, retry_after=30, times=1)),
    st.just(Fault("status", 503, retry_after=7, times=1)),
    st.just(Fault("none", times=1)),
)
