//! The wasmtime engine, with the settings of Spin's `crates/core/src/lib.rs`, and machine code kept between runs.

use std::fs;
use std::hash::{Hash as _, Hasher};
use std::path::Path;

use sha2::{Digest as _, Sha256};
use wasmtime::component::Component;
use wasmtime::error::Context as _;
use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Result};

/// Spin's default for instances alive at once, of all components together.
const MAX_INSTANCES: u32 = 1_000;

/// Without a deadline to enforce, Spin sets one that never comes; the checks are compiled in all the same.
pub const FOREVER: u64 = u64::MAX / 2;

pub fn engine() -> Result<Engine> {
    let mut pool = PoolingAllocationConfig::default();
    pool.total_component_instances(MAX_INSTANCES)
        .total_memories(MAX_INSTANCES)
        .total_tables(2 * MAX_INSTANCES)
        .total_stacks(MAX_INSTANCES)
        .total_core_instances(4 * MAX_INSTANCES)
        .table_elements(100_000)
        .max_component_instance_size(10 << 20)
        .max_core_instance_size(10 << 20)
        .max_core_instances_per_component(200)
        .max_tables_per_component(64)
        .max_memories_per_component(32)
        .max_tables_per_module(2)
        .max_memories_per_module(2)
        .max_memory_size(4 << 30)
        .linear_memory_keep_resident(2 << 20)
        .table_keep_resident(1 << 19);
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .wasm_component_model(true)
        .wasm_component_model_async(true)
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    Engine::new(&config)
}

/// Compiles a component, or loads what an earlier run left beside it in `.spin-host/`.
pub fn load(engine: &Engine, path: &Path) -> Result<Component> {
    let show = path.display();
    let wasm = fs::read(path).with_context(|| format!("cannot read {show} (has it been built?)"))?;
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let folder = path.with_file_name(".spin-host");
    let cached = folder.join(format!("{stem}.{}.cwasm", key(engine, &wasm)));
    if cached.exists() {
        // SAFETY: the file's name holds the digest of the wasm and of the engine's version and settings, and only this
        // program writes it, whole or not at all. Whoever else can write there can replace the wasm, or us, as well.
        match unsafe { Component::deserialize_file(engine, &cached) } {
            Ok(component) => return Ok(component),
            Err(error) => eprintln!("ignoring {}: {error:#}", cached.display()),
        }
    }
    let component = Component::new(engine, &wasm).with_context(|| format!("cannot compile {show}"))?;
    if let Err(error) = keep(&component, &folder, &stem, &cached) {
        eprintln!("machine code of {show} is not kept: {error:#}");
    }
    Ok(component)
}

fn key(engine: &Engine, wasm: &[u8]) -> String {
    struct Digester(Sha256);
    impl Hasher for Digester {
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }
        fn finish(&self) -> u64 {
            0 // never asked for
        }
    }
    let mut digester = Digester(Sha256::new_with_prefix(wasm));
    engine.precompile_compatibility_hash().hash(&mut digester);
    let digest = digester.0.finalize();
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Writes the machine code, and removes that of earlier builds of the same component.
fn keep(component: &Component, folder: &Path, stem: &str, cached: &Path) -> Result<()> {
    let code = component.serialize()?;
    fs::create_dir_all(folder)?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let of_this = name.strip_prefix(stem).is_some_and(|rest| rest.starts_with('.'));
        if of_this && name.ends_with(".cwasm") {
            fs::remove_file(entry.path())?;
        }
    }
    let partial = folder.join(format!("{stem}.{}.partial", std::process::id()));
    fs::write(&partial, code)?;
    fs::rename(&partial, cached)?;
    Ok(())
}
