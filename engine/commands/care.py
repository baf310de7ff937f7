"""Commands that look after an installation: doctor, verify, token; serve."""

from __future__ import annotations

import dataclasses
import os
from importlib import import_module
from typing import Annotated, Any

import typer

from engine.commands.adding import Place, command
from engine.commands.saying import Mistake, Out
from engine.settings import Settings, unknown_variables

Person = Annotated[str | None, typer.Option("--person", metavar="PERSON", help="Whose token, by id. 人员。")]


def add(app: typer.Typer) -> None:
    @command(app, "serve", help="HTTP, scheduler and workers in one process. 启动服务。", places=True)
    def serve(
        out: Out,
        place: Place,
        port: Annotated[
            int | None, typer.Option("--port", min=0, max=65535, help="Port. 端口。", show_default="REMIT_PORT, 8000")
        ] = None,
        host: Annotated[
            str | None, typer.Option("--host", help="Address. 监听地址。", show_default="REMIT_HOST, 127.0.0.1")
        ] = None,
    ) -> int:
        settings = Settings()
        # by name: the command line and the web stand side by side and do not know each other
        listen = import_module("designer_api.server").listen
        with place.open(deploy=True, threads=True) as engine:
            where = (host or settings.host, settings.port if port is None else port)

            def ready(url: str) -> None:
                out.answer({"url": url})
                out.line(f"remit listens on {url}; the database is {place.database}; Ctrl-C ends it",
                         f"remit 已启动：{url}；数据库 {place.database}；按 Ctrl-C 结束")  # fmt: skip

            listen(engine, *where, definitions=place.definitions, ready=ready)
        return 0

    @command(app, "doctor", help="Is everything there that remit needs? 检查运行环境。", places=True)
    def doctor(out: Out, place: Place) -> int:
        findings: list[dict[str, Any]] = [
            {
                "name": name,
                "ok": False,
                "say": {"en": f"nothing reads the variable {name}", "zh": f"环境变量 {name} 没有用处"},
                "advice": {"en": "remove it, or correct its name", "zh": "请删除或改正名称"},
            }
            for name in unknown_variables(os.environ)
        ]
        with place.open() as engine:
            findings += engine.doctor()
        well = all(f["ok"] for f in findings)
        out.answer({"ok": well, "findings": findings})
        for finding in findings:
            advice = finding.get("advice") or {"en": "", "zh": ""}
            if isinstance(advice, str):
                advice = {"en": advice, "zh": advice}
            for_en, for_zh = (f"  ({advice[x]})" if advice[x] and not finding["ok"] else "" for x in ("en", "zh"))
            mark = "ok  " if finding["ok"] else "BAD "
            out.line(f"{mark} {finding['say']['en']}{for_en}", f"{mark} {finding['say']['zh']}{for_zh}")
        return 0 if well else 1

    @command(
        app, "verify", help="Hold the history against itself: hash chain, counts, state. 校验历史记录。", places=True
    )
    def verify(out: Out, place: Place) -> int:
        with place.open() as engine, out.progress("verifying", "校验中", None):
            broken = list(engine.verify())
        out.answer({"ok": not broken, "broken": [dataclasses.asdict(b) for b in broken]})
        for one in broken:
            out.line(str(one))
        out.line(f"{len(broken)} broken" if broken else "all holds", f"{len(broken)} 处不符" if broken else "全部相符")
        return 1 if broken else 0

    tokens = typer.Typer(help="Tokens for programs that use the HTTP API. 接口令牌。")
    app.add_typer(tokens, name="token")
    _tokens(tokens)


def _tokens(tokens: typer.Typer) -> None:
    @command(tokens, "create", help="Make a token for a person; it is shown once. 创建令牌，仅显示一次。", places=True)
    def create(
        out: Out,
        place: Place,
        person: Person = None,
    ) -> int:
        person = _someone(person)
        with place.open(deploy=True) as engine:
            token = engine.create_token(person)
        out.answer({"token": token, "person": person})
        out.line(token)
        if not out.json:
            out.note("keep it: it is not shown again", "请妥善保存：不会再次显示")
        return 0

    @command(tokens, "list", help="The tokens of a person. 查看某人的令牌。", places=True)
    def list_(out: Out, place: Place, person: Person = None) -> int:
        with place.open() as engine:
            found = engine.tokens(_someone(person))
        out.answer({"items": found})
        rows = [[t["id"], t["person"], out.pick("revoked", "已撤销") if t["revoked"] else ""] for t in found]
        out.table([("ID", "编号"), ("Person", "人员"), ("", "")], rows)
        return 0

    @command(tokens, "revoke", help="End a token. 撤销令牌。", places=True)
    def revoke(out: Out, place: Place, id: Annotated[str, typer.Argument(help="Its number. 令牌编号。")]) -> int:
        with place.open() as engine:
            ended = engine.revoke_token(id)
        if ended is False:
            raise Mistake(f"there is no token {id}", f"没有令牌 {id}", "unknown-name")
        out.answer({"revoked": id})
        out.line("revoked", "已撤销")
        return 0


def _someone(person: str | None) -> str:
    if person is None:
        raise Mistake("say whose: --person PERSON", "请写明人员：--person 人员")
    return person
