"""Findings about decision tables, bands and their cells."""

from engine.language.diagnostics import Text, error


@error
def cell_type(text: str, problem_en: str, problem_zh: str, write: str = "", sure: bool = False) -> Text:
    """A cell that is no words of section 8 or whose value its column cannot hold; `write` is what to write instead,
    `sure` when nothing else can be meant.
    """
    return Text(
        en=f"'{text}' is no cell here: {problem_en}",
        zh=f"“{text}”在这里不是单元格：{problem_zh}",
        hint_en=f"write {write}" if write else "",
        hint_zh=f"请写 {write}" if write else "",
        write=(text, write) if sure else None,
    )
