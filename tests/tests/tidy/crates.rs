//! Who may know whom.
//!
//! ```text
//! wire <- applet <- vsmartcard <- guests, template
//! wire <- center-api <- center
//! wire <- trace <- host             traces of any card; the host has the readers for them
//! wire, center-api <- host          and behind a feature what it can embed
//! model sees nobody: it says again what card and center do
//! tests sees all; barrier, which sees nothing, is seen by whoever runs as a program
//! ```

use super::workspace::{Crate, Edge};

/// What a crate of the workspace may depend on, in whatever way it does.
struct Rule {
    name: &'static str,
    always: &'static [&'static str],
    if_optional: &'static [&'static str],
    /// Libraries it must not use: card and center do not share cryptography, so that a
    /// mistake in one cannot cancel out in the other.
    never: &'static [&'static str],
}

const RULES: &[Rule] = &[
    Rule { name: "saifu-barrier", always: &[], if_optional: &[], never: &[] },
    Rule { name: "saifu-model", always: &[], if_optional: &[], never: &[] },
    Rule { name: "saifu-wire", always: &[], if_optional: &[], never: &[] },
    Rule {
        name: "saifu-applet",
        always: &["saifu-wire"],
        if_optional: &[],
        never: &["aws-lc-rs", "aws-lc-sys"],
    },
    Rule {
        name: "saifu-vsmartcard",
        always: &["saifu-applet", "saifu-barrier", "saifu-wire"],
        if_optional: &[],
        never: &["aws-lc-rs", "aws-lc-sys"],
    },
    Rule {
        name: "saifu-guests",
        always: &["saifu-vsmartcard", "saifu-wire"],
        if_optional: &[],
        never: &[],
    },
    Rule {
        name: "saifu-template",
        always: &["saifu-vsmartcard", "saifu-wire"],
        if_optional: &[],
        never: &[],
    },
    Rule { name: "saifu-center-api", always: &["saifu-wire"], if_optional: &[], never: &[] },
    Rule {
        name: "saifu-center",
        always: &["saifu-barrier", "saifu-center-api", "saifu-wire"],
        if_optional: &[],
        never: &["cbc", "cmac", "hkdf", "p256", "rsa", "sha2"],
    },
    Rule {
        name: "saifu-trace",
        always: &["saifu-wire"],
        if_optional: &[],
        never: &["aws-lc-rs", "aws-lc-sys"],
    },
    Rule {
        name: "saifu-host",
        always: &["saifu-barrier", "saifu-wire", "saifu-center-api", "saifu-trace"],
        if_optional: &["saifu-vsmartcard", "saifu-applet", "saifu-center"],
        never: &[],
    },
    Rule {
        name: "saifu-tests",
        always: &[
            "saifu-barrier",
            "saifu-model",
            "saifu-wire",
            "saifu-applet",
            "saifu-vsmartcard",
            "saifu-center-api",
            "saifu-center",
            "saifu-host",
            "saifu-trace",
        ],
        if_optional: &[],
        never: &[],
    },
];

/// Crates that use these libraries and no other.
const ONLY: &[(&str, &[&str])] = &[("saifu-model", &["stateright"])];

/// Finds the dependencies no rule allows, and the crates no rule speaks of.
pub(crate) fn forbidden_edges(crates: &[Crate]) -> Vec<String> {
    crates.iter().flat_map(check).collect()
}

fn check(one: &Crate) -> Vec<String> {
    let Some(rule) = RULES.iter().find(|rule| rule.name == one.name) else {
        return vec![format!("{}: no rule says whom it may know", one.name)];
    };
    let forbidden = one.dependencies.iter().filter(|edge| !rule.allows(edge));
    forbidden.map(|edge| format!("{} must not know {}", one.name, edge.to)).collect()
}

impl Rule {
    fn allows(&self, edge: &Edge) -> bool {
        let name = edge.to.as_str();
        if !edge.in_workspace {
            let only = ONLY.iter().find(|(limited, _)| *limited == self.name);
            let listed = only.is_none_or(|(_, libraries)| libraries.contains(&name));
            return listed && !self.never.contains(&name);
        }
        self.always.contains(&name) || (edge.optional && self.if_optional.contains(&name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edges(name: &str, edge: Edge) -> Vec<String> {
        forbidden_edges(&[Crate { name: name.to_owned(), dependencies: vec![edge] }])
    }

    fn inner(to: &str, optional: bool) -> Edge {
        Edge { to: to.to_owned(), optional, in_workspace: true }
    }

    #[test]
    fn a_center_that_sees_the_applet_is_found() {
        assert_eq!(edges("saifu-center", inner("saifu-center-api", false)), [""; 0]);
        let found = edges("saifu-center", inner("saifu-applet", false));
        assert_eq!(found, ["saifu-center must not know saifu-applet"]);
        assert_eq!(edges("saifu-center", inner("saifu-applet", true)).len(), 1);
    }

    #[test]
    fn a_host_that_sees_the_card_always_is_found() {
        assert_eq!(edges("saifu-host", inner("saifu-vsmartcard", true)), [""; 0]);
        assert_eq!(edges("saifu-host", inner("saifu-vsmartcard", false)).len(), 1);
    }

    #[test]
    fn shared_cryptography_is_found() {
        let library = |to: &str| Edge { to: to.to_owned(), optional: false, in_workspace: false };
        assert_eq!(edges("saifu-applet", library("rsa")), [""; 0]);
        assert_eq!(edges("saifu-applet", library("aws-lc-rs")).len(), 1);
        assert_eq!(edges("saifu-center", library("rsa")).len(), 1);
    }

    #[test]
    fn a_model_that_sees_the_card_or_uses_more_than_the_checker_is_found() {
        let library = |to: &str| Edge { to: to.to_owned(), optional: false, in_workspace: false };
        assert_eq!(edges("saifu-model", library("stateright")), [""; 0]);
        assert_eq!(edges("saifu-model", library("rand")).len(), 1);
        assert_eq!(edges("saifu-model", inner("saifu-applet", false)).len(), 1);
    }

    #[test]
    fn a_crate_without_a_rule_is_found() {
        let found = edges("saifu-new", inner("saifu-wire", false));
        assert_eq!(found, ["saifu-new: no rule says whom it may know"]);
    }
}
