"""Creates a lead over HTTP, finds its first task in the owner's inbox, completes it and reads the timeline."""

import argparse

import httpx

LEAD = {
    "company": "示例机械", "contact_name": "示例联系人", "phone": "13800138000", "job_title": "owner",
    "industry": "manufacturing", "employees": 300, "region": "east", "product_line": "software",
    "source": "referral", "need": "设备巡检", "timeframe": "this_month",
}  # fmt: skip

options = argparse.ArgumentParser(description=__doc__)
options.add_argument("--url", default="http://127.0.0.1:8000")
options.add_argument("--token", required=True, help="from: remit token create --person li_na")
given = options.parse_args()
api = httpx.Client(base_url=f"{given.url}/api/v1", headers={"Authorization": f"Bearer {given.token}"}, timeout=10)


def ask(method: str, path: str, **more) -> dict:
    answer = api.request(method, path, **more)
    if answer.is_error:
        raise SystemExit(f"{method} {path}: {answer.status_code} {answer.text}")
    return answer.json()


lead = ask("POST", "/records/lead", json=LEAD)
print(f"Created lead {lead['id']}.")
tasks = ask("GET", "/tasks", params={"record": f"lead:{lead['id']}"})["items"]
if not tasks:
    raise SystemExit("The owner's inbox has no task for this lead.")
task = tasks[0]
print(f"First task: {task['title']}, due {task['due']}.")
ask("POST", f"/tasks/{task['id']}/complete", json={"button": "connected", "fill": {"note": "下周演示"}})
print("Completed it: the call was connected.")
for entry in ask("GET", f"/cases/{task['case']}/timeline")["items"]:
    print(f"{entry['at']}  {entry['text']}")
