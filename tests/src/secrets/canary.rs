//! A secret that is known, so that it can be looked for.

use memchr::memmem::Finder;

/// What nobody may see, and what may be told of it.
pub struct Canary {
    name: String,
    /// Of the bytes, and of their hex in small letters and in capitals.
    forms: [Finder<'static>; 3],
}

impl Canary {
    /// A secret of at least eight bytes: fewer would be found by chance.
    ///
    /// # Panics
    /// It is shorter.
    #[must_use]
    pub fn new(name: impl Into<String>, bytes: &[u8]) -> Self {
        assert!(bytes.len() >= 8, "too short to be looked for");
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let capitals = hex.to_uppercase();
        let forms = [bytes, hex.as_bytes(), capitals.as_bytes()];
        Self { name: name.into(), forms: forms.map(|form| Finder::new(form).into_owned()) }
    }

    /// What may be told of it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is in these bytes.
    #[must_use]
    pub fn is_in(&self, bytes: &[u8]) -> bool {
        self.forms.iter().any(|form| form.find(bytes).is_some())
    }

    /// The bytes themselves.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.forms[0].needle()
    }

    /// All that is looked for.
    pub fn forms(&self) -> impl Iterator<Item = &[u8]> {
        self.forms.iter().map(Finder::needle)
    }
}
