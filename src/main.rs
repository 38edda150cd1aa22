//! Reads the command line; opens the window or runs one command.

mod launch;
mod serve;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser as _;
use storymimi_studio::cli::{self, Arguments, Command, Output};
use storymimi_studio::gui;
use storymimi_studio::service::{Problem, Service};
use storymimi_studio::workspace::Home;
use tracing_subscriber::EnvFilter;

/// How long running work may take to come to its safe end when the program closes.
const PATIENCE: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // Standard output belongs to results; what libraries have to say goes to standard error when asked for.
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("off")))
        .init();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            cli::report(&problem, arguments.json);
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Problem> {
    let mut output = Output::standard(arguments.json);
    if let Some(command @ Command::Url(_)) = &arguments.command {
        return cli::run_offline(command, &mut output);
    }
    if arguments.command.is_none() {
        // Said before anything is started: without a display there is nothing to start it for.
        gui::check_display()?;
    }
    let home = Home::find().map_err(Problem::from)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| {
            Problem::new(
                format!("The program could not start its threads: {error}."),
                "Close other programs and try again.",
            )
        })?;
    if let Some(Command::Serve(serve)) = &arguments.command {
        return runtime.block_on(serve::run(serve, &home, arguments.json));
    }
    let launched = runtime.block_on(launch::launch(&home))?;
    let (service, events) = Service::open(launched.workspace, &home, runtime.handle().clone())?;
    let result = match &arguments.command {
        Some(command) => runtime.block_on(cli::run(command, &service, &mut output)),
        None => gui::run(service.clone(), events, &home),
    };
    runtime.block_on(async {
        // Whatever has not ended by then is safe to leave: it is in the journal and in the rows, and is resumed.
        let _ = tokio::time::timeout(PATIENCE, service.jobs().shut_down()).await;
        if let Some(server) = launched.server {
            let _ = tokio::time::timeout(PATIENCE, server.shutdown()).await;
        }
    });
    runtime.shutdown_timeout(PATIENCE);
    result
}
