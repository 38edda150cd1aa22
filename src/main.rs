//! Reads the command line; opens the window or runs one command.

mod launch;
mod serve;

use std::process::ExitCode;
use std::time::Duration;

use clap::{CommandFactory as _, Parser as _};
use storymimi_studio::cli::{self, Arguments, Command, Output};
use storymimi_studio::gui;
use storymimi_studio::service::{EventReceiver, Problem, Service, Workspaces};
use storymimi_studio::workspace::{Home, WorkspaceId};
use tracing_subscriber::EnvFilter;

/// How long running work may take to come to its safe end when the program closes.
const PATIENCE: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let (Some(_), Some(command)) = (&arguments.workspace, &arguments.command)
        && !command.takes_workspace()
    {
        let words = "this command does not work on the workspace that --workspace names; leave the option out";
        Arguments::command()
            .error(clap::error::ErrorKind::ArgumentConflict, words)
            .exit();
    }
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
    let embedded = launch::Embedded::new(&home);
    let workspaces = launch::workspaces(&home, embedded.clone(), runtime.handle().clone());
    let (result, service) = match &arguments.command {
        Some(Command::Workspace(command)) => {
            let work = async {
                if command.uses_secrets() {
                    launch::unlock(&workspaces).await?;
                }
                cli::run_workspaces(command, arguments.workspace.as_deref(), &workspaces, &mut output).await
            };
            (runtime.block_on(work), None)
        }
        Some(command) => match runtime.block_on(start(&workspaces, arguments)) {
            Err(problem) => (Err(problem), None),
            Ok((service, _events)) => {
                let result = runtime.block_on(cli::run(command, &service, &mut output));
                (result, Some(service))
            }
        },
        None => match runtime.block_on(start_window(&workspaces, arguments)) {
            Err(problem) => (Err(problem), None),
            Ok(opened) => {
                let begun_with = opened.service.clone();
                match gui::run(opened, &home) {
                    Ok(open_last) => (Ok(()), Some(open_last)),
                    Err(problem) => (Err(problem), Some(begun_with)),
                }
            }
        },
    };
    runtime.block_on(async {
        if let Some(service) = service {
            // Whatever has not ended by then is safe to leave: it is in the journal and in the rows, and is resumed.
            let _ = tokio::time::timeout(PATIENCE, service.close()).await;
        }
        let _ = tokio::time::timeout(PATIENCE, embedded.stop()).await;
    });
    runtime.shutdown_timeout(PATIENCE);
    result
}

/// Opens what the window begins with. A workspace that was merely open last and cannot be opened now is no reason to
/// open nothing: the local one takes its place, and the window says why.
async fn start_window(workspaces: &Workspaces, arguments: &Arguments) -> Result<gui::Opened, Problem> {
    let named = arguments.workspace.as_deref();
    let last = workspaces.last_used().await?;
    let (opened, not_opened) = match launch::open(workspaces, named, last.clone()).await {
        Ok(opened) => (opened, None),
        Err(problem) if named.is_some() || last == WorkspaceId::Local || launch::names_a_project() => {
            return Err(problem);
        }
        Err(problem) => {
            let local = workspaces.open_for_command(&WorkspaceId::Local).await?;
            (local, Some((last, problem)))
        }
    };
    let (service, events) = opened;
    Ok(gui::Opened {
        workspaces: workspaces.clone(),
        service,
        events,
        not_opened,
    })
}

/// Opens the workspace that a command works on.
async fn start(workspaces: &Workspaces, arguments: &Arguments) -> Result<(Service, EventReceiver), Problem> {
    let named = arguments.workspace.as_deref();
    let usual = workspaces.default_for_commands().await?;
    let name = named.unwrap_or(usual.as_str()).to_owned();
    let opened = launch::open(workspaces, named, usual).await;
    let (service, events) = opened.map_err(|problem| cli::for_commands(problem, &name))?;
    // Whoever types a command has said what is to be done; nobody walks away from it in the middle.
    service.admin().unlock();
    Ok((service, events))
}
