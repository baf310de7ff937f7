"""Findings about how tokens flow: joins, deadlocks, loops."""

from collections.abc import Sequence

from engine.language.diagnostics import Text, error, warning
from engine.language.source import Span

Steps = Sequence[tuple[str, int, bool]]
"""A path: the name, the line (0: none), and whether all arrows of the step are taken. The first is the start's name."""
MOST_SHOWN = 16


def path_words(steps: Steps) -> tuple[str, str]:
    """`begin > split (line 8, all) > left (line 11)`, in en and zh; the middle of a long path is left out."""
    words: list[list[str]] = [[], []]
    for name, line, several in steps:
        words[0].append(f"{name} (line {line}{', all' if several else ''})" if line else name)
        words[1].append(f"{name}（第 {line} 行{'，全部' if several else ''}）" if line else name)
    half = MOST_SHOWN // 2
    shown = [w if len(w) <= MOST_SHOWN else [*w[:half], "...", *w[-half:]] for w in words]
    return " > ".join(shown[0]), " > ".join(shown[1])


def listed(names: Sequence[str]) -> tuple[str, str]:
    """Names with quotation marks, in en and zh."""
    return ", ".join(f"'{name}'" for name in names), "、".join(f"“{name}”" for name in names)


@error
def unreachable_step(name: str, sources: Sequence[str]) -> Text:
    if not sources:
        return Text(
            en=f"nothing leads to '{name}': no start, event or arrow that a case can take",
            zh=f"没有流程实例能走的开始、事件或箭头通向“{name}”",
            hint_en=f"draw an arrow to it (next: {name}), or remove it",
            hint_zh=f"请画一个通向它的箭头（next: {name}），或删除它",
        )
    en, zh = listed(sources)
    return Text(
        en=f"no case can ever come to '{name}': it never begins by its arrow from {en}",
        zh=f"任何流程实例都到不了“{name}”：来自{zh}的箭头从不会使它开始",
        hint_en="see what its join waits for, and whether that exit, error or escalation can happen at all; else remove it",
        hint_zh="请查看它的 join 在等什么，以及该出口、错误或升级究竟会不会发生；否则删除它",
    )


@error
def deadlock(name: str, join: str, missing: Sequence[str], there: Sequence[str], path: Steps) -> Text:
    en, zh = path_words(path)
    if not join:
        return Text(
            en=f"a case that comes to '{name}' stays there for ever: nothing can end this step; path: {en}",
            zh=f"到达“{name}”的流程会永远停在那里：没有什么能结束这一步；路径：{zh}",
            hint_en="give it a button, a deadline or an interrupt with an arrow",
            hint_zh="请为它写按钮、期限，或带箭头的 interrupt",
        )
    there_en, there_zh = listed(there)
    missing_en, missing_zh = listed(missing)
    if join == "matching":
        hints = (
            "two joins wait for each other: write join: each on one of them, or draw the arrow past it",
            "两个 join 互相等待：请把其中一个写成 join: each，或让箭头绕过它",
        )
    elif join == "all":
        hints = (
            "write join: matching to wait only for what is on its way, or join: each where only one of the paths is taken",
            "请写 join: matching 只等仍在途中的；若每次只走其中一条路，请写 join: each",
        )
    else:
        hints = (
            "write a smaller number, or join: matching to wait only for what is on its way",
            "请写更小的数，或用 join: matching 只等仍在途中的",
        )
    if join.startswith("{") or not missing:
        return Text(
            en=f"'{name}' (join: {join}) can wait for ever: fewer tokens come than it takes; path: {en}",
            zh=f"“{name}”（join: {join}）可能永远等待：到达的令牌少于它所需；路径：{zh}",
            hint_en=hints[0],
            hint_zh=hints[1],
        )
    return Text(
        en=f"'{name}' (join: {join}) can wait for ever: what came from {there_en} is there, and nothing comes from "
        f"{missing_en} any more; path: {en}",
        zh=f"“{name}”（join: {join}）可能永远等待：来自{there_zh}的已到达，而{missing_zh}不会再来；路径：{zh}",
        hint_en=hints[0],
        hint_zh=hints[1],
    )


@error
def livelock(name: str, loop: Sequence[str], path: Steps) -> Text:
    en, zh = path_words(path)
    loop_en, loop_zh = listed(loop)
    return Text(
        en=f"from '{name}' on a case runs for ever: no way leads from {loop_en} to an end; path: {en}",
        zh=f"从“{name}”开始流程会永远运行：{loop_zh}没有通向结束的出口；路径：{zh}",
        hint_en="give the loop a way out: an exit that leads to end, or a gateway with a case that leaves it",
        hint_zh="请给循环一个出口：通向 end 的出口，或带有离开分支的网关",
    )


@error
def double_token(name: str, sources: Sequence[str], path: Steps) -> Text:
    en, zh = path_words(path)
    from_en, from_zh = listed(sources)
    return Text(
        en=f"'{name}' can be reached twice at once (from {from_en}) and says no join; path: {en}",
        zh=f"“{name}”可能同时被到达两次（来自{from_zh}），却没有写 join；路径：{zh}",
        hint_en="write join: all (wait for every path), join: matching (for those that were taken), "
        "or join: each (run it once for each)",
        hint_zh="请写 join: all（等所有路径）、join: matching（等走过的路径）或 join: each（每次到达各运行一次）",
    )


@error
def over_at_once(name: str, bound: int, path: Steps) -> Text:
    en, zh = path_words(path)
    return Text(
        en=f"'{name}' can come to hold more than {bound} tokens at once (at_once: {bound}); path: {en}",
        zh=f"“{name}”可能同时有超过 {bound} 个令牌（at_once: {bound}）；路径：{zh}",
        hint_en="bring the paths together with join: all before they go round again, or write a larger at_once on the workflow",
        hint_zh="请在再次循环前用 join: all 汇合各路径，或在流程上写更大的 at_once",
    )


@error
def double_result(name: str, result: str, other: str, path: Steps) -> Text:
    en, zh = path_words(path)
    return Text(
        en=f"a case that ended with the result of '{other}' can end with the result '{result}' of '{name}' too; path: {en}",
        zh=f"流程以“{other}”的结果结束之后，还可能以“{name}”的结果“{result}”结束；路径：{zh}",
        hint_en="let one of the paths end with `end`, bring them together with join: all, or write kind: terminate on the "
        "end that decides",
        hint_zh="请让其中一条路径用 end 结束，或用 join: all 汇合，或在起决定作用的结束上写 kind: terminate",
    )


@error
def improper_completion(name: str, path: Steps) -> Text:
    en, zh = path_words(path)
    return Text(
        en=f"one case can come to '{name}' twice: it ends there while another path still runs, and then once more; path: {en}",
        zh=f"同一流程可能两次到达“{name}”：第一次结束时另一条路径仍在运行，随后又结束一次；路径：{zh}",
        hint_en="write join: all on it to end when all paths are over, or let a path that only stops lead to `end`",
        hint_zh="请写 join: all，待所有路径走完再结束；只是停下的路径请指向 end",
    )


_OPEN = {
    "reached": ("'{}' is reached by other paths too", "“{}”也会被其他路径到达"),
    "cancels": ("'{}' cancels steps outside of it", "“{}”会取消它以外的步骤"),
    "ends": ("'{}' ends the case with a result or a kind", "“{}”会以结果或 kind 结束流程"),
    "back": ("back leads into the main flow", "back 会回到主流程"),
}


@error
def open_meanwhile(event: str, target: str, why: str, node: str) -> Text:
    en, zh = (words.format(node) for words in _OPEN[why])
    return Text(
        en=f"'{event}' may come again and again, so its path from '{target}' must be closed: {en}",
        zh=f"“{event}”可能反复发生，所以从“{target}”开始的路径必须封闭：{zh}",
        hint_en="lead it to steps of its own that end with `end`; or use an event that fires once (after, once), or an interrupt",
        hint_zh="请让它通向自己的步骤并以 end 结束；或用只发生一次的事件（after、once），或用 interrupt",
    )


@error
def start_end(problem_en: str, problem_zh: str, hint_en: str, hint_zh: str) -> Text:
    return Text(problem_en, problem_zh, hint_en, hint_zh)


@warning
def not_decided(name: str, states: int) -> Text:
    return Text(
        en=f"whether '{name}' can get stuck was not decided after {states} states",
        zh=f"检查了 {states} 个状态后仍不能确定“{name}”是否会卡住",
        hint_en="make parts of it subprocesses, which are proved one by one, or look further with remit check --states",
        hint_zh="请把一部分改为子流程（逐个证明），或用 remit check --states 查得更远",
    )


@error
def misplaced_join(join: str, problem_en: str, problem_zh: str, write: str = "") -> Text:
    return Text(
        en=f"'join: {join}' cannot work here: {problem_en}",
        zh=f"“join: {join}”在这里无效：{problem_zh}",
        hint_en=f"write {write}" if write else "",
        hint_zh=f"请写 {write}" if write else "",
    )


@error
def lock_inside_lock(step: str, lock: str, outer: str, held: str, place: Span) -> Text:
    if lock != held:
        same = f"write the same lock '{held}' on both, or ", f"两处使用同一个锁“{held}”，或"
    else:  # a called case is another case: what it waits for is never its own
        same = ("", "") if "/" in step else ("write the same per: on both, or ", "两处写相同的 per，或")
    return Text(
        en=f"'{step}' waits for the lock '{lock}' while '{outer}' (line {place.line}) holds the lock '{held}'",
        zh=f"“{step}”在“{outer}”（第 {place.line} 行）持有锁“{held}”时又等待锁“{lock}”",
        hint_en=f"{same[0]}put the step outside '{outer}'",
        hint_zh=f"请{same[1]}把该步骤移到“{outer}”之外",
    )


@warning
def misplaced_condition(problem_en: str, problem_zh: str, instead_en: str, instead_zh: str) -> Text:
    """A choice or a join that decides or joins nothing."""
    return Text(problem_en, problem_zh, instead_en, instead_zh)


@warning
def unhandled_event(problem_en: str, problem_zh: str, instead_en: str, instead_zh: str) -> Text:
    """Something is thrown, awaited or kept, and the other side of it is not there."""
    return Text(problem_en, problem_zh, instead_en, instead_zh)


@error
def livelock_across_workflows(way: str) -> Text:
    return Text(
        en=f"these workflows wake each other for ever, and nothing waits in between: {way}",
        zh=f"这些流程无休止地互相唤醒，中间没有任何等待：{way}",
        hint_en="put a step that waits into the circle, or an if on one of the starts that is not true the second time",
        hint_zh="请在循环中加入会等待的步骤，或在其中一个 start 上写第二次不再成立的 if",
    )
