//! What is counted of a replay, in bounded memory, and how it is told.

mod heavy;

use std::collections::{BTreeMap, HashMap};
use std::process::ExitCode;

use anyhow::Result;
use bot_screen::verdict::Outcome;
use serde::Serialize;

use self::heavy::Heavy;
use super::honest::{Clients, Seen, Shoppers};
use crate::out;

/// What a pack makes of a request.
pub struct Verdict {
    /// The outcome, of the rules alone.
    pub outcome: Outcome,
    /// The numbers of the rules that match.
    pub rules: Vec<usize>,
    /// What the request is taken for.
    pub action: String,
}

/// What both packs make of a line.
pub enum Judged {
    /// Nothing stands in it.
    Empty,
    /// It is no request.
    Unread(&'static str),
    /// A decision of ours: both verdicts, its action, its class of agent.
    Event(Verdict, Verdict, String, String),
    /// A request.
    Request {
        /// By the pack that is to be replaced.
        was: Verdict,
        /// By the new one.
        is: Verdict,
        /// The class of its agent.
        class: &'static str,
        /// Its client: [`super::honest::client`].
        client: u64,
        /// Its user agent.
        agent: String,
        /// Its path, in the canonical form.
        path: String,
        /// When it was made.
        at_ms: Option<i64>,
    },
}

/// How many requests, and of how many the verdict differs, or holds up what went on before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// Requests.
    pub requests: u64,
    /// Whose outcome is another.
    pub changed: u64,
    /// That are held up by the new pack, and went on by the old one.
    pub held_up: u64,
}

impl Count {
    fn add(&mut self, was: Outcome, is: Outcome) {
        self.requests += 1;
        self.changed += u64::from(was != is);
        self.held_up += u64::from(holds_up(was, is));
    }
}

fn holds_up(was: Outcome, is: Outcome) -> bool {
    was <= Outcome::Tag && is > Outcome::Tag
}

/// How often a rule is among those that match where the outcome differs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
struct OfRule {
    /// By the new pack and not by the old one.
    gained: u64,
    /// By the old pack and not by the new one.
    lost: u64,
}

/// What was counted.
pub struct Tally {
    codes: [Vec<String>; 2],
    unread: BTreeMap<&'static str, u64>,
    broken: u64,
    events: u64,
    all: Count,
    outcomes: BTreeMap<(Outcome, Outcome), u64>,
    rules: HashMap<String, OfRule>,
    classes: BTreeMap<String, Count>,
    actions: BTreeMap<String, Count>,
    agents: Heavy,
    paths: Heavy,
    clients: Clients,
}

impl Tally {
    /// Given the codes of the rules of both packs.
    pub fn new(was: Vec<String>, is: Vec<String>) -> Tally {
        Tally {
            codes: [was, is],
            unread: BTreeMap::new(),
            broken: 0,
            events: 0,
            all: Count::default(),
            outcomes: BTreeMap::new(),
            rules: HashMap::new(),
            classes: BTreeMap::new(),
            actions: BTreeMap::new(),
            agents: Heavy::new(),
            paths: Heavy::new(),
            clients: Clients::new(),
        }
    }

    /// A line is no request.
    pub fn unread(&mut self, why: &'static str) {
        *self.unread.entry(why).or_default() += 1;
    }

    /// A file could not be read to its end.
    pub fn broken(&mut self) {
        self.broken += 1;
    }

    /// A line was judged.
    pub fn add(&mut self, judged: Judged) {
        match judged {
            Judged::Empty => {}
            Judged::Unread(why) => self.unread(why),
            Judged::Event(was, is, action, class) => {
                self.events += 1;
                self.count(&was, &is, &class, &action);
            }
            Judged::Request { was, is, class, client, agent, path, at_ms } => {
                self.count(&was, &is, class, &is.action);
                let (changed, touched) = (was.outcome != is.outcome, holds_up(was.outcome, is.outcome));
                if changed {
                    self.agents.add(&agent);
                    self.paths.add(&path);
                }
                let browser = matches!(class, "browser" | "in_app" | "old_browser");
                self.clients.add(&Seen { client, browser, file: is.action == "static", at_ms, touched });
            }
        }
    }

    fn count(&mut self, was: &Verdict, is: &Verdict, class: &str, action: &str) {
        let (before, after) = (was.outcome, is.outcome);
        self.all.add(before, after);
        of(&mut self.classes, class).add(before, after);
        of(&mut self.actions, action).add(before, after);
        if before == after {
            return;
        }
        *self.outcomes.entry((before, after)).or_default() += 1;
        let [olds, news] = &self.codes;
        let codes = |rules: &[usize], codes: &[String]| -> Vec<String> {
            rules.iter().filter_map(|rule| codes.get(*rule).cloned()).collect()
        };
        let (old, new) = (codes(&was.rules, olds), codes(&is.rules, news));
        for code in new.iter().filter(|code| !old.contains(code)) {
            self.rules.entry(code.clone()).or_default().gained += 1;
        }
        for code in old.iter().filter(|code| !new.contains(code)) {
            self.rules.entry(code.clone()).or_default().lost += 1;
        }
    }

    /// Tells it all.
    pub fn report(self, was: &str, is: &str, seconds: f64, top: usize, machines: bool) -> Result<ExitCode> {
        let mut rules: Vec<(String, OfRule)> = self.rules.into_iter().collect();
        rules.sort_by(|(a, x), (b, y)| (y.gained + y.lost).cmp(&(x.gained + x.lost)).then_with(|| a.cmp(b)));
        let lines = self.all.requests + self.unread.values().sum::<u64>();
        let report = Report {
            policy: is.to_owned(),
            base: was.to_owned(),
            requests: self.all,
            events: self.events,
            unread: self.unread,
            files_not_read_to_their_end: self.broken,
            outcomes: self
                .outcomes
                .into_iter()
                .map(|((was, is), many)| (format!("{} -> {}", was.name(), is.name()), many))
                .collect(),
            rules: rules.into_iter().map(|(code, of)| Rule { code, of }).collect(),
            classes: self.classes,
            actions: self.actions,
            shoppers: self.clients.shoppers(),
            agents: self.agents.most(top),
            paths: self.paths.most(top),
            lines_a_second: if seconds > 0.0 { (lines as f64 / seconds) as u64 } else { 0 },
        };
        let code = if report.files_not_read_to_their_end > 0 || lines > 0 && report.requests.requests == 0 {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        };
        if machines {
            out::json(&report)?
        } else {
            report.print()
        }
        Ok(code)
    }
}

fn of<'m>(counts: &'m mut BTreeMap<String, Count>, name: &str) -> &'m mut Count {
    counts.entry(name.to_owned()).or_default()
}

#[derive(Serialize)]
struct Rule {
    code: String,
    #[serde(flatten)]
    of: OfRule,
}

/// What is told.
#[derive(Serialize)]
struct Report {
    policy: String,
    base: String,
    requests: Count,
    events: u64,
    unread: BTreeMap<&'static str, u64>,
    files_not_read_to_their_end: u64,
    outcomes: BTreeMap<String, u64>,
    rules: Vec<Rule>,
    classes: BTreeMap<String, Count>,
    actions: BTreeMap<String, Count>,
    shoppers: Shoppers,
    agents: Vec<heavy::Counted>,
    paths: Vec<heavy::Counted>,
    lines_a_second: u64,
}

impl Report {
    fn print(&self) {
        let Count { requests, changed, held_up } = self.requests;
        out::line(format!(
            "{requests} requests by {} and {}: {changed} judged otherwise, {held_up} held up anew",
            self.base, self.policy
        ));
        if self.events > 0 {
            out::line(format!(
                "  {} of them are our events: rules that did not match then were not tried on them",
                self.events
            ));
        }
        for (why, many) in &self.unread {
            out::line(format!("  {many} lines are no requests: {why}"));
        }
        let share = |part: u64, of: u64| if of == 0 { 0.0 } else { 100.0 * part as f64 / of as f64 };
        let Shoppers { clients, touched, forgotten } = self.shoppers;
        out::line(format!(
            "probably shoppers: {clients} clients, of whom {touched} ({:.2} %) would be held up",
            share(touched, clients)
        ));
        if forgotten > 0 {
            out::line(format!("  {forgotten} requests of clients for which there was no room are not among them"));
        }
        for (change, many) in &self.outcomes {
            out::line(format!("  {change}: {many}"));
        }
        section(
            "by rule (gained, lost)",
            self.rules.iter().map(|rule| (rule.code.as_str(), format!("+{} -{}", rule.of.gained, rule.of.lost))),
        );
        let counts = |counts: &BTreeMap<String, Count>| -> Vec<(String, String)> {
            let changed = counts.iter().filter(|(_, count)| count.changed > 0);
            changed
                .map(|(name, count)| {
                    (name.clone(), format!("{} of {} ({} held up)", count.changed, count.requests, count.held_up))
                })
                .collect()
        };
        for (title, of) in [("by class of agent", &self.classes), ("by action", &self.actions)] {
            section(title, counts(of).iter().map(|(name, told)| (name.as_str(), told.clone())));
        }
        for (title, of) in [("most affected user agents", &self.agents), ("most affected paths", &self.paths)] {
            section(title, of.iter().map(|one| (one.text.as_str(), one.told())));
        }
        out::note(format!("{} lines a second", self.lines_a_second));
    }
}

fn section<'t>(title: &str, lines: impl Iterator<Item = (&'t str, String)>) {
    let mut lines = lines.peekable();
    if lines.peek().is_some() {
        out::line(format!("{title}:"));
    }
    for (name, told) in lines {
        // A log's texts are a stranger's: no control characters reach the terminal.
        let name: String = name.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).take(160).collect();
        out::line(format!("  {told:>24}  {name}"));
    }
}
