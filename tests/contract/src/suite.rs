//! All vectors on all hosts.

use std::collections::BTreeMap;
use std::fmt;

use crate::hosts::{self, Host, Paths};
use crate::options::Options;
use crate::run::{self, Run, Time};
use crate::vector::{self, File, HostName};
use crate::{Result, bless, own_clock};

#[derive(Default)]
pub struct Tally {
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl Tally {
    /// Whether none failed, and some ran.
    pub fn good(&self) -> bool {
        self.failed == 0 && self.passed > 0
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 { write!(f, ", {} skipped", self.skipped) } else { Ok(()) }
    }
}

/// What the native platform made of a vector.
pub struct Native {
    pub file: File,
    pub run: Result<Run>,
    pub differences: Vec<String>,
}

impl Native {
    /// Whether an answer contains the text.
    pub fn says(&self, text: &str) -> bool {
        let answers = self.run.as_ref().map_or(&[][..], |run| &run.answers);
        answers.iter().any(|answer| String::from_utf8_lossy(&answer.body).contains(text))
    }
}

/// Every vector on the native platform.
pub fn native(paths: &Paths) -> Result<Vec<Native>> {
    let runs = vector::load(&paths.root.join("tests/vectors"), None)?.into_iter().map(|file| {
        let run = run::vector(&mut hosts::native(&run::config(&file)), &file, Time::Vector);
        let elsewhere = file.vector.hosts.as_ref().is_some_and(|hosts| !hosts.contains(&HostName::Native));
        let differences = match &run {
            // About one host alone.
            Ok(_) if elsewhere => Vec::new(),
            Ok(run) => run::judge(&file, run)?,
            Err(error) => vec![error.clone()],
        };
        Ok(Native { file, run, differences })
    });
    runs.collect()
}

/// Puts the vectors to the hosts, and prints what fails.
pub fn run(options: &Options, paths: &Paths) -> Result<Tally> {
    let files = vector::load(&paths.root.join("tests/vectors"), options.filter.as_deref())?;
    let mut tally = Tally::default();
    if options.hosts.contains(&HostName::Spin) {
        match hosts::real_spin() {
            Some(spin) => println!("Spin: the real one, {}", spin.display()),
            None => println!("Spin: the stand-in tests/spin-host; no `spin` is installed here"),
        }
    }
    // A host's configuration is fixed when it starts: vectors of one configuration share a process.
    let mut groups: BTreeMap<BTreeMap<String, Option<String>>, Vec<File>> = BTreeMap::new();
    for file in files {
        groups.entry(run::config(&file)).or_default().push(file);
    }
    for (number, (config, files)) in groups.into_iter().enumerate() {
        run_group(options, paths, number, &config, files, &mut tally)?;
    }
    Ok(tally)
}

/// Vectors of one configuration, on each host in turn.
fn run_group(
    options: &Options,
    paths: &Paths,
    number: usize,
    config: &BTreeMap<String, Option<String>>,
    mut files: Vec<File>,
    tally: &mut Tally,
) -> Result<()> {
    let mut references: BTreeMap<String, (HostName, Run)> = BTreeMap::new();
    for &name in &options.hosts {
        let mut host = hosts::start(name, config, paths, number, options.own_clock)?;
        for file in &mut files {
            let label = file.label();
            if file.vector.hosts.as_ref().is_some_and(|hosts| !hosts.contains(&name)) {
                continue;
            }
            if let Some(reason) = host.skips(&file.vector) {
                println!("skip {} {label}: {reason}", name.text());
                tally.skipped += 1;
                continue;
            }
            let outcome = if host.sets_clock() {
                on_vector_time(options, name, host.as_mut(), file, &mut references)
            } else {
                on_own_time(host.as_mut(), config, file)
            };
            let differences = outcome.unwrap_or_else(|error| vec![error]);
            if differences.is_empty() {
                tally.passed += 1;
            } else {
                tally.failed += 1;
                println!("FAIL {} {label}: {}\n    {}", name.text(), file.vector.title, differences.join("\n    "));
            }
        }
    }
    Ok(())
}

/// As the vector says, and the same bytes as on the first host.
fn on_vector_time(
    options: &Options,
    name: HostName,
    host: &mut dyn Host,
    file: &mut File,
    references: &mut BTreeMap<String, (HostName, Run)>,
) -> Result<Vec<String>> {
    let label = file.label();
    let run = run::vector(host, file, Time::Vector)?;
    if options.bless && !references.contains_key(&label) && bless::write(file, &run.answers, &run.after)? {
        println!("blessed {label}");
        *file = vector::read(file.function, &file.path)?;
    }
    let mut differences = run::judge(file, &run)?;
    match references.get(&label) {
        Some((first, reference)) => differences.extend(run::diverges(file, *first, reference, name, &run)),
        None => _ = references.insert(label, (name, run)),
    }
    Ok(differences)
}

/// As the native platform at the same time; and as the vector says where its answers do not depend on the time.
fn on_own_time(host: &mut dyn Host, config: &BTreeMap<String, Option<String>>, file: &File) -> Result<Vec<String>> {
    let own = run::vector(host, file, Time::Real)?;
    let native = run::vector(&mut hosts::native(config), file, Time::Again(&own.times))?;
    let mut differences = own_clock::differences(file, &native, &own);
    if run::judge(file, &native)?.is_empty() {
        differences.extend(run::judge(file, &own)?);
    }
    Ok(differences)
}
