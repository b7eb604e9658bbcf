"""The page of a stand-in: what it holds, and buttons that break it; it loads itself again every two seconds."""

from html import escape

from local.stand_ins.faults import PRESETS, Switches
from local.stand_ins.service import Service, Table

_STYLE = """
:root { color-scheme: light dark; --line: light-dark(#e3e6ea, #2c323a); --soft: light-dark(#69717b, #939ca7);
        --back: light-dark(#fff, #15181c); --card: light-dark(#f7f8fa, #1c2025); --ink: light-dark(#1c2126, #e7eaee);
        --bad: light-dark(#c2352b, #ff7b72); }
body { font: 15px/1.5 system-ui, sans-serif; background: var(--back); color: var(--ink); margin: 0 auto;
       max-width: 86rem; padding: 2rem 1.5rem; }
h1 { font-size: 1.35rem; margin: 0 0 1rem; } form { display: inline; }
h2 { font-size: .8rem; text-transform: uppercase; letter-spacing: .06em; color: var(--soft); margin: 2rem 0 .5rem; }
.frame { border: 1px solid var(--line); border-radius: 10px; overflow-x: auto; background: var(--card); }
table { border-collapse: collapse; width: 100%; } th { font-weight: 500; color: var(--soft); font-size: .85rem; }
th, td { padding: .5rem .65rem; text-align: left; vertical-align: top; }
tr + tr > * { border-top: 1px solid var(--line); }
button { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 7px;
         padding: .15rem .7rem; cursor: pointer; }
button.on { border-color: var(--bad); color: var(--bad); } p { color: var(--soft); }
"""
_MAX_ROWS = 200


def page(service: Service, switches: Switches) -> str:
    """The whole page."""
    buttons = " ".join(
        f'<form method="post" action="_switches/{name}">'
        f'<button class="{"on" if switches == preset else ""}">{name}</button></form>'
        for name, preset in PRESETS.items()
    )
    tables = "".join(map(_table, service.tables()))
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="2">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(service.name)}</title><style>{_STYLE}</style>"
        f"<h1>{escape(service.name)}, a stand-in</h1>{buttons}{tables}</html>"
    )


def _table(table: Table) -> str:
    if not table.rows:
        return f"<h2>{escape(table.title)}</h2><p>none yet</p>"
    head = "".join(f"<th>{escape(name)}</th>" for name in table.columns)
    rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in table.rows[:_MAX_ROWS])
    title = f"{escape(table.title)} · {len(table.rows):,}"
    return f'<h2>{title}</h2><div class="frame"><table><tr>{head}</tr>{rows}</table></div>'
