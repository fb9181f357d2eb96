//! `wasm-bindgen` for one Worker, with the options that `worker-build` gives it. `bundle.mjs` beside this crate does the
//! rest of what `worker-build` does.
//!
//!     worker-bundle MODULE.wasm OUT_DIR WORKERS_RS_VERSION
//!
//! writes `OUT_DIR/{index.js,index_bg.wasm,snippets/}`.

use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [module, out, sdk] = arguments.as_slice() else {
        return failed("usage: worker-bundle MODULE.wasm OUT_DIR WORKERS_RS_VERSION");
    };
    let mut bindgen = Bindgen::new();
    let source_phase = bindgen.module(true).and_then(|bindgen| {
        bindgen
            .input_path(module)
            .out_name("index")
            .typescript(false)
            // After a trap the glue makes a fresh instance, instead of answering with the broken one for ever.
            .reset_state_function(true)
            .force_enable_abort_handler(true)
            .generate_output()
    });
    let written = source_phase.and_then(|mut output| {
        output.wasm_mut().producers.add_sdk("workers-rs", sdk);
        output.emit(out)
    });
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&format!("{error:?}")),
    }
}

#[expect(clippy::print_stderr, reason = "a program for a terminal")]
fn failed(why: &str) -> ExitCode {
    eprintln!("worker-bundle: {why}");
    ExitCode::FAILURE
}
