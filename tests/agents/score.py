#!/usr/bin/env python3
"""How well user agents are told apart, on lists that others wrote.

score.py            the table: the engine, the engine without what each list showed, and two well-known packages
score.py --quick    the engine alone
score.py --misses N up to N of what was got wrong in each half that is for tuning; never one that was set aside
"""

import argparse
import collections
import os
import pathlib
import subprocess

import lists

ROOT = pathlib.Path(__file__).resolve().parents[2]
PEOPLE = {"Unknown", "Browser", "OldBrowser", "InApp"}
# What apps of people fetch with. Lists of devices are full of them, and they are libraries by design.
OF_APPS = {"Android HttpURLConnection", "Android DownloadManager", "CFNetwork", "OkHttp"}
# What names an app of mainland China, or a browser of a maker of phones there.
CHINESE = (
    "MicroMessenger wxwork AlipayClient AliApp( Aweme BytedanceWebview NewsArticle Kwai/ KsWebView XiaoHongShu discover/ Weibo"
    " baiduboxapp baidubrowser UCBrowser MQQBrowser QQ/ HuaweiBrowser MiuiBrowser HeyTapBrowser OppoBrowser VivoBrowser"
    " Quark/ jdapp DingTalk Qihoo 360SE LBBROWSER MetaSr Maxthon"
).split()


def classes(agents, without=""):
    """`(class, purpose, name)` of each agent, by an engine built without what only these lists showed."""
    build = ["cargo", "run", "--quiet", "-p", "shared", "--example", "classify"]
    found = subprocess.run(
        build,
        cwd=ROOT,
        env={**os.environ, "AGENTS_WITHOUT": without},
        input="\n".join(agents) + "\n",
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert len(found) == len(agents), "one answer for each agent"
    return dict(zip(agents, (tuple(line.split("\t")) for line in found)))


def is_bot(answer):
    return answer[0] not in PEOPLE


def misjudged(answer):
    return is_bot(answer) and answer[2] not in OF_APPS


def peers(agents, data):
    """What two packages say: `isbot`, and `es6-crawler-detect`."""
    program = """
        const root = process.argv[1], fs = require("fs");
        const { isbot } = require(`${root}/isbot-5.2.3/package`);
        const { Crawler } = require(`${root}/es6-crawler-detect-4.0.2/package`);
        const crawler = new Crawler();
        const agents = fs.readFileSync(0, "utf8").split("\\n").slice(0, -1);
        console.log(agents.map((a) => `${+isbot(a)}${+crawler.isCrawler(a)}`).join("\\n"));
    """
    root = pathlib.Path(data).resolve() / "x"
    found = subprocess.run(
        ["node", "-e", program, str(root)], input="\n".join(agents) + "\n", capture_output=True, text=True, check=True
    ).stdout.split()
    assert len(found) == len(agents), "one answer for each agent"
    return [{a: f[i] == "1" for a, f in zip(agents, found)} for i in (0, 1)]


def share(part, whole):
    return f"{100 * part / whole:.2f} %" if whole else "-"


def halves(name, agents):
    yield "tuning", [a for a in agents if not lists.set_aside(name, a)]
    yield "set aside", [a for a in agents if lists.set_aside(name, a)]


def rows(what, groups, count, columns):
    """One row for each list and half: how many agents, and what each engine makes of them."""
    for name, agents in groups.items():
        for half, part in halves(name, agents):
            if part:
                cells = [f"{count(part, column)} ({share(count(part, column), len(part))})" for column in columns]
                print(f"| {what} | {name} | {half} | {len(part)} | " + " | ".join(cells) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=os.environ.get("AGENTS_DATA", "/tmp/agents-data"))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--misses", type=int)
    options = parser.parse_args()
    bots, people = lists.load(options.data)
    named_bots = set().union(*bots.values())
    # What one list calls a robot and another a device is no measure of either.
    people = {name: [a for a in agents if a not in named_bots] for name, agents in people.items()}
    every = sorted(named_bots.union(*people.values()))
    whole = classes(every)
    chinese = sorted({a for agents in people.values() for a in agents if any(word in a for word in CHINESE)})

    if options.misses is not None:
        shown = set()
        for title, groups, wrong in (("MISSED", bots, lambda r: not is_bot(r)), ("MISJUDGED", people, misjudged)):
            for name, agents in groups.items():
                part = dict(halves(name, agents))["tuning"]
                of = [a for a in part if wrong(whole[a]) and a not in shown]
                shown.update(of)
                print(f"## {title} {name}: {len(of)} of {len(part)}")
                for agent in of[: options.misses]:
                    print(f"{whole[agent][0]:10} {whole[agent][2]:14} {agent}")
        return

    without = {} if options.quick else {name: classes(every, name) for name in names(bots, people)}
    documented = {} if options.quick else classes(every, ",".join(names(bots, people)))
    isbot, detect = peers(every, options.data) if not options.quick else ({}, {})

    def sieve(judge):
        def count(part, column):
            name, engine = column
            if name in ("isbot", "crawler-detect"):
                return sum(engine[a] for a in part)
            return sum(judge(engine[a]) for a in part)

        return count

    def table(title, groups, judge):
        heads = ["whole"] if options.quick else ["whole", "without this list", "without any list", "isbot", "es6-crawler-detect"]
        print(f"\n| {title} | list | half | agents | " + " | ".join(heads) + " |")
        print("|" + "---|" * (4 + len(heads)))
        for name, agents in groups.items():
            columns = [("whole", whole)]
            if not options.quick:
                columns += [("without", without.get(lists.origin(name), documented)), ("none", documented)]
                columns += [("isbot", isbot), ("crawler-detect", detect)]
            rows(title, {name: agents}, sieve(judge), columns)

    table("robots found", bots, is_bot)
    table("people misjudged", people, misjudged)
    table("people misjudged", {"Chinese apps and browsers of all": chinese}, misjudged)
    apps = sum(is_bot(whole[a]) and not misjudged(whole[a]) for agents in people.values() for a in agents)
    print(f"\nFetched by apps' own libraries, in lists of devices, and not counted as misjudged: {apps}")
    for kind, agents in (("robots", named_bots), ("people", set().union(*people.values()))):
        counted = collections.Counter(whole[a][0] for a in agents)
        print(f"Classes of all {kind}: " + ", ".join(f"{name} {count}" for name, count in counted.most_common()))


def names(bots, people):
    return sorted({lists.origin(name) for name in (*bots, *people)})


if __name__ == "__main__":
    main()
