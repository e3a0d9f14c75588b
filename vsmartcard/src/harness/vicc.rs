//! Debian's virtual card in Python, a card that nobody here wrote.

use std::process::{Child, Command, Stdio};

use super::HarnessError;

/// Debian installs vicc's modules where Python does not look, and pycryptodome under another
/// name than vicc asks for.
const SCRIPT: &str = r#"
import runpy, sys, types
sys.path.insert(0, "/usr/lib/python3/site-packages/virtualsmartcard")
try:
    import Cryptodome
    crypto = types.ModuleType("Crypto")
    crypto.__path__ = Cryptodome.__path__
    sys.modules["Crypto"] = crypto
except ImportError:
    pass
sys.argv[0] = "vicc"
runpy.run_path("/usr/bin/vicc", run_name="__main__")
"#;

/// `vicc` of the package vsmartcard-vpicc, of type iso7816; dropped, it is killed.
#[derive(Debug)]
pub struct Vicc(Child);

impl Vicc {
    /// Starts one that connects to the vpcd, or what stands for it, at `port` of this machine.
    /// It needs what `scripts/setup test` installs.
    ///
    /// # Errors
    /// [`HarnessError::NoCard`], when it is not installed; [`HarnessError::System`].
    pub fn start(port: u16) -> Result<Self, HarnessError> {
        if !std::path::Path::new("/usr/bin/vicc").exists() {
            return Err(HarnessError::NoCard("no /usr/bin/vicc: run scripts/setup test".into()));
        }
        let mut python = Command::new("/usr/bin/python3");
        python.args(["-c", SCRIPT, "--type", "iso7816", "--hostname", "127.0.0.1", "--port"]);
        let python = python.arg(port.to_string()).stdin(Stdio::null());
        Ok(Self(python.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?))
    }
}

impl Drop for Vicc {
    fn drop(&mut self) {
        // One that has ended already is what is wanted.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
