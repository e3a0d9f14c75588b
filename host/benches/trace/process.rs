//! A process from its beginning to its end.

use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use super::Anything;

/// Nothing that is measured takes this long.
const ENDS_WITHIN: Duration = Duration::from_secs(120);
/// What a program that fails says is told up to here.
const TOLD_BYTES: u64 = 2_000;

/// What a process takes that must end well; what it prints is dropped.
///
/// That it has ended shows at its standard error, which closes then: nothing looks again and
/// again meanwhile.
pub(crate) fn time(command: &mut Command) -> Result<Duration, Anything> {
    let program = command.get_program().to_string_lossy().into_owned();
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let begun = Instant::now();
    let mut child = command.spawn().map_err(|error| format!("{program}: {error}"))?;
    let errors = child.stderr.take().ok_or("a process without standard error")?;
    let (tell, told) = channel();
    thread::spawn(move || {
        let mut said = Vec::new();
        let mut first = errors.take(TOLD_BYTES);
        let _ = first.read_to_end(&mut said);
        // The rest is read, or a program that says much would wait.
        let _ = std::io::copy(&mut first.into_inner(), &mut std::io::sink());
        let _ = tell.send(said);
    });
    let Ok(said) = told.recv_timeout(ENDS_WITHIN) else {
        child.kill()?;
        child.wait()?;
        return Err(format!("{program} did not end within {} s", ENDS_WITHIN.as_secs()).into());
    };
    let status = child.wait()?;
    let took = begun.elapsed();
    if !status.success() {
        let said = String::from_utf8_lossy(&said);
        return Err(format!("{program} ended with {status}: {}", said.trim()).into());
    }
    Ok(took)
}
