//! The text of a specification in Markdown, as far as its lists need it.

/// A section: its number, and what stands under its heading up to the next one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Section {
    /// Such as `6.1`.
    pub number: String,
    /// All of it, headings of its subsections not included.
    pub text: String,
}

/// The numbered sections, in order; annexes are none.
pub(super) fn sections(spec: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut is_numbered = false;
    for line in spec.lines() {
        let heading = line.strip_prefix("## ").or_else(|| line.strip_prefix("### "));
        if let Some(heading) = heading {
            let number = heading.split(' ').next().unwrap_or_default();
            is_numbered = number.split('.').all(|part| part.parse::<u8>().is_ok());
            if is_numbered {
                sections.push(Section { number: number.into(), text: String::new() });
            }
        } else if let (true, Some(section)) = (is_numbered, sections.last_mut()) {
            section.text.push_str(line);
            section.text.push('\n');
        }
    }
    sections
}

impl Section {
    /// Its blocks of code.
    pub(super) fn blocks(&self) -> impl Iterator<Item = &str> {
        self.text.split("```").skip(1).step_by(2)
    }

    /// Its prose, blocks of code left out.
    fn prose(&self) -> impl Iterator<Item = &str> {
        self.text.split("```").step_by(2)
    }

    /// What stands in its prose between two back quotes, each with the prose before it.
    pub(super) fn spans(&self) -> impl Iterator<Item = (&str, &str)> {
        self.prose().flat_map(|prose| {
            let parts: Vec<&str> = prose.split('`').collect();
            let pairs = parts.chunks_exact(2).map(|pair| (pair[0], pair[1]));
            pairs.collect::<Vec<_>>()
        })
    }

    /// The words in its prose: letters and digits alone.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        self.prose().flat_map(|prose| prose.split(|letter: char| !letter.is_ascii_alphanumeric()))
    }
}

/// Whether these are so many hexadecimal digits, in capitals.
pub(super) fn is_hex(text: &str, digits: usize) -> bool {
    let hex = |letter: char| letter.is_ascii_digit() || ('A'..='F').contains(&letter);
    text.len() == digits && text.chars().all(hex)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# T\n\n## 1 One\n\nSay `A B` or `C`.\n\n### 1.1 Two\n\n```text\nX `no`\n```\n\
        And 6985, `D`.\n\n## Annex A\n\n`E`\n";

    #[test]
    fn sections_end_at_the_next_heading_and_annexes_are_none() {
        let sections = sections(TEXT);
        let numbers: Vec<_> = sections.iter().map(|section| section.number.as_str()).collect();
        assert_eq!(numbers, ["1", "1.1"]);
        assert_eq!(sections[0].spans().map(|(_, span)| span).collect::<Vec<_>>(), ["A B", "C"]);
    }

    #[test]
    fn a_block_of_code_is_no_prose() {
        let section = &sections(TEXT)[1];
        assert_eq!(section.spans().map(|(_, span)| span).collect::<Vec<_>>(), ["D"]);
        assert_eq!(section.blocks().count(), 1);
        assert!(section.words().any(|word| word == "6985") && !section.words().any(|w| w == "X"));
    }

    #[test]
    fn hexadecimal_is_in_capitals() {
        assert!(is_hex("6A80", 4) && !is_hex("6a80", 4) && !is_hex("6A8", 4));
    }
}
