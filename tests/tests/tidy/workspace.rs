//! What this workspace is made of: its crates as cargo sees them, its files as git does.

use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::{Dependency, Metadata, MetadataCommand, Package};

/// A file's path from the workspace's root, and its text.
pub(crate) type File = (String, String);

/// What stands outside the workspace, for a reason that its manifest gives.
const OUTSIDE: [&str; 1] = ["applet/no-std/Cargo.toml"];

/// The workspace this test was built from.
pub(crate) struct Workspace {
    metadata: Metadata,
}

/// A crate of the workspace.
pub(crate) struct Crate {
    pub(crate) name: String,
    pub(crate) dependencies: Vec<Edge>,
}

/// A dependency a crate declares, of whatever kind (normal, build, development).
pub(crate) struct Edge {
    pub(crate) to: String,
    pub(crate) optional: bool,
    pub(crate) in_workspace: bool,
}

impl Workspace {
    /// Asks cargo, which needs neither network nor built crates for it.
    pub(crate) fn read() -> Self {
        Self { metadata: metadata(&Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")) }
    }

    /// The crates and their declared dependencies.
    pub(crate) fn crates(&self) -> Vec<Crate> {
        self.metadata.packages.iter().map(Crate::from_package).collect()
    }

    /// The files cargo compiles by themselves: libraries, programs, tests, build scripts.
    pub(crate) fn root_files(&self) -> Vec<String> {
        let outside = OUTSIDE.map(|manifest| metadata(&self.root().join(manifest)));
        let packages = outside.iter().chain([&self.metadata]).flat_map(|one| &one.packages);
        let targets = packages.flat_map(|package| &package.targets);
        targets.map(|target| self.relative(target.src_path.as_std_path())).collect()
    }

    /// Every Rust source git knows of or would add.
    pub(crate) fn sources(&self) -> Vec<File> {
        self.texts().into_iter().filter(|(path, _)| path.ends_with(".rs")).collect()
    }

    /// Every file git knows of or would add, if it is text.
    pub(crate) fn texts(&self) -> Vec<File> {
        let read = |path: String| {
            let text = std::fs::read_to_string(self.root().join(&path)).ok()?;
            Some((path, text))
        };
        self.listed_files().into_iter().filter_map(read).collect()
    }

    fn listed_files(&self) -> Vec<String> {
        let output = Command::new("git")
            .args(["-c", "safe.directory=*", "ls-files", "-z"])
            .args(["--cached", "--others", "--exclude-standard"])
            .current_dir(self.root())
            .output()
            .expect("git runs");
        assert!(output.status.success(), "git: {}", String::from_utf8_lossy(&output.stderr));
        let listing = String::from_utf8(output.stdout).expect("file names are UTF-8");
        listing.split_terminator('\0').map(str::to_owned).collect()
    }

    fn root(&self) -> PathBuf {
        self.metadata.workspace_root.clone().into_std_path_buf()
    }

    fn relative(&self, path: &Path) -> String {
        let path = path.strip_prefix(self.root()).expect("targets lie in the workspace");
        path.to_str().expect("paths are UTF-8").to_owned()
    }
}

fn metadata(manifest: &Path) -> Metadata {
    let mut command = MetadataCommand::new();
    command.manifest_path(manifest).no_deps();
    command.exec().expect("cargo metadata answers")
}

impl Crate {
    fn from_package(package: &Package) -> Self {
        let dependencies = package.dependencies.iter().map(Edge::from_dependency).collect();
        Self { name: package.name.to_string(), dependencies }
    }
}

impl Edge {
    fn from_dependency(dependency: &Dependency) -> Self {
        Self {
            to: dependency.name.clone(),
            optional: dependency.optional,
            in_workspace: dependency.path.is_some(),
        }
    }
}
