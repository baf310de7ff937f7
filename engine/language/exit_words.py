"""The words on exits and buttons that the language itself names, in zh and en."""

EXIT_WORDS: dict[str, tuple[str, str]] = {
    "approved": ("同意", "Approve"),
    "refused": ("拒绝", "Refuse"),
    "returned": ("退回", "Send back"),
    "done": ("完成", "Done"),
    "opinion": ("意见", "Opinion"),
    "deadline": ("到期", "deadline passed"),
    "nobody": ("无人可办", "nobody there"),
    "failed": ("失败", "failed"),
    "assigned": ("已分配", "assigned"),
    "found": ("找到", "found"),
    "none": ("未找到", "not found"),
    "reached": ("到时", "reached"),
    "passed": ("已过", "already past"),
    "missed": ("错过", "missed"),
    "exhausted": ("次数用完", "no more rounds"),
    "too_deep": ("层数过多", "too deep"),
    "otherwise": ("其他情况", "otherwise"),
}
"""Name -> zh, en. Two of them are no exits: the deadline and the opinion stand beside them."""


def in_words(name: str) -> str:
    """A name as people read it where nobody wrote a title (LANGUAGE section 1)."""
    return str(name).replace("_", " ")


def exit_in_words(name: str, language: str) -> str:
    """What an exit or a button without a title is called; other languages than zh read English."""
    word = EXIT_WORDS.get(name)
    return (word[0] if language == "zh" else word[1]) if word is not None else in_words(name)
