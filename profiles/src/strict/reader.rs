//! Asking a table for its keys: what was not asked for is not known.

use super::tree::joined;
use super::{WrittenValue, nearest};
use crate::mistake::{MistakeKind, ProfileMistake};
use primitives::List;

/// Reads a table, and notes everything that is wrong with it. Whoever reads asks for every key there may be, whatever became of those
/// before: when it is done, the keys that nobody asked for are noted as unknown.
#[derive(Debug)]
pub struct TableReader<'t, 'm> {
    file: &'m str,
    table: &'t WrittenValue,
    asked: Vec<&'static str>,
    mistakes: &'m mut Vec<ProfileMistake>,
}

impl<'t> TableReader<'t, '_> {
    /// Reads a table of a file, which is named so in mistakes, with `read`.
    pub fn over<T>(
        file: &str,
        table: &'t WrittenValue,
        mistakes: &mut Vec<ProfileMistake>,
        read: impl FnOnce(&mut TableReader<'t, '_>) -> T,
    ) -> T {
        let mut reader = TableReader { file, table, asked: Vec::new(), mistakes };
        let answer = read(&mut reader);
        reader.note_unknown();
        answer
    }

    /// A value that there has to be. `None` when it is left out or not possible, which is noted.
    pub fn need<T>(&mut self, key: &'static str, read: impl FnOnce(&WrittenValue) -> Result<T, String>) -> Option<T> {
        let Some(value) = self.ask(key) else {
            self.note_left_out(key);
            return None;
        };
        self.possible(value, read)
    }

    /// A value that there may be. `None` when it is left out, and when it is not possible, which is noted.
    pub fn may<T>(&mut self, key: &'static str, read: impl FnOnce(&WrittenValue) -> Result<T, String>) -> Option<T> {
        let value = self.ask(key)?;
        self.possible(value, read)
    }

    /// Yes or no; no when it is left out.
    pub fn says(&mut self, key: &'static str) -> bool {
        self.may(key, |value| value.value.as_bool().ok_or_else(|| "write true or false".into())).unwrap_or(false)
    }

    /// What the key of this table is read as.
    pub fn possible_key<T>(&mut self, key: &str, read: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        read(key).map_err(|reason| self.refuse("", &reason)).ok()
    }

    /// A table that there has to be.
    pub fn need_table<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut TableReader<'t, '_>) -> Option<T>,
    ) -> Option<T> {
        let Some(value) = self.ask(key) else {
            self.note_left_out(key);
            return None;
        };
        self.inside(value, read)
    }

    /// A table that there may be.
    pub fn may_table<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut TableReader<'t, '_>) -> Option<T>,
    ) -> Option<T> {
        let value = self.ask(key)?;
        self.inside(value, read)
    }

    /// The tables of a table, each by its key; none when it is left out.
    pub fn each<T>(
        &mut self,
        key: &'static str,
        mut read: impl FnMut(&str, &mut TableReader<'t, '_>) -> Option<T>,
    ) -> Vec<T> {
        let Some(value) = self.ask_for_table(key) else { return Vec::new() };
        value.children().filter_map(|(name, child)| self.inside(child, |reader| read(name, reader))).collect()
    }

    /// The values of a table, each by its key; none when it is left out.
    pub fn pairs<T>(
        &mut self,
        key: &'static str,
        mut read: impl FnMut(&str, &WrittenValue) -> Result<T, String>,
    ) -> Vec<T> {
        let Some(value) = self.ask_for_table(key) else { return Vec::new() };
        value.children().filter_map(|(name, child)| self.possible(child, |value| read(name, value))).collect()
    }

    /// The tables of a list; none when it is left out.
    pub fn tables<T>(
        &mut self,
        key: &'static str,
        mut read: impl FnMut(&mut TableReader<'t, '_>) -> Option<T>,
    ) -> Vec<T> {
        let Some(value) = self.ask_for_list(key) else { return Vec::new() };
        value.children().filter_map(|(_, child)| self.inside(child, &mut read)).collect()
    }

    /// The values of a list; none when it is left out.
    pub fn list<T>(&mut self, key: &'static str, mut read: impl FnMut(&WrittenValue) -> Result<T, String>) -> Vec<T> {
        let Some(value) = self.ask_for_list(key) else { return Vec::new() };
        value.children().filter_map(|(_, child)| self.possible(child, &mut read)).collect()
    }

    /// What was read under a key, as a list that holds at most `N`; more are noted.
    pub fn bounded<T, const N: u32>(&mut self, key: &'static str, items: Vec<T>) -> List<T, N> {
        let count = items.len();
        if count > N as usize {
            self.refuse(key, &format!("it has {count} entries, and at most {N} fit"));
        }
        List::truncate_from(items)
    }

    /// A list that there has to be, be it empty; each of its values as `read` takes it.
    pub fn need_list<T, const N: u32>(
        &mut self,
        key: &'static str,
        read: impl FnMut(&WrittenValue) -> Result<T, String>,
    ) -> Option<List<T, N>> {
        self.want(key).then(|| self.may_list(key, read))
    }

    /// A list that there may be; empty when it is left out.
    pub fn may_list<T, const N: u32>(
        &mut self,
        key: &'static str,
        read: impl FnMut(&WrittenValue) -> Result<T, String>,
    ) -> List<T, N> {
        let items = self.list(key, read);
        self.bounded(key, items)
    }

    /// A key that is known and that nobody looks at.
    pub fn pass_over(&mut self, key: &'static str) {
        self.ask(key);
    }

    /// Whether there is a key that there has to be; noted when it is left out.
    pub fn want(&mut self, key: &'static str) -> bool {
        let is_there = self.ask(key).is_some();
        if !is_there {
            self.note_left_out(key);
        }
        is_there
    }

    /// Whether the table has a key.
    pub fn has(&self, key: &str) -> bool {
        self.table.child(key).is_some()
    }

    /// The value of a key as it stands, which counts as asked for.
    pub fn ask(&mut self, key: &'static str) -> Option<&'t WrittenValue> {
        self.asked.push(key);
        self.table.child(key)
    }

    /// The path of a key of this table.
    pub fn path(&self, key: &str) -> String {
        if key.is_empty() { self.table.path.clone() } else { joined(&self.table.path, key) }
    }

    /// Notes that the value of a key is not possible; of the empty key, that the table is not.
    pub fn refuse(&mut self, key: &str, reason: &str) {
        let field = self.path(key);
        let at = if key.is_empty() { self.table } else { self.table.child(key).unwrap_or(self.table) };
        let sentence = if at.written.is_empty() || at.value.is_table() {
            format!("{field} is not possible: {reason}")
        } else {
            format!("{field} = {} is not possible: {reason}", at.written)
        };
        self.note(MistakeKind::Value, Some(at.line), field, sentence);
    }

    /// Notes what is wrong with the value of a key, in a sentence that names it.
    pub fn note_of(&mut self, kind: MistakeKind, key: &str, sentence: String) {
        let line = self.table.child(key).unwrap_or(self.table).line;
        self.note(kind, Some(line), self.path(key), sentence);
    }

    /// Reads one value.
    pub fn possible<T>(
        &mut self,
        at: &WrittenValue,
        read: impl FnOnce(&WrittenValue) -> Result<T, String>,
    ) -> Option<T> {
        read(at)
            .map_err(|reason| {
                let sentence = format!("{} = {} is not possible: {reason}", at.path, at.written);
                self.note(MistakeKind::Value, Some(at.line), at.path.clone(), sentence);
            })
            .ok()
    }

    fn inside<T>(
        &mut self,
        at: &'t WrittenValue,
        read: impl FnOnce(&mut TableReader<'t, '_>) -> Option<T>,
    ) -> Option<T> {
        if !at.value.is_table() {
            let reason = "write a table, such as { key = value }";
            return self.possible(at, |_| Err(reason.into()));
        }
        TableReader::over(self.file, at, self.mistakes, read)
    }

    fn ask_for_table(&mut self, key: &'static str) -> Option<&'t WrittenValue> {
        let value = self.ask(key)?;
        let is_table = value.value.is_table();
        self.possible(
            value,
            |_| if is_table { Ok(value) } else { Err("write a table, such as { key = value }".into()) },
        )
    }

    fn ask_for_list(&mut self, key: &'static str) -> Option<&'t WrittenValue> {
        let value = self.ask(key)?;
        let is_list = value.value.is_array();
        self.possible(value, |_| if is_list { Ok(value) } else { Err("write a list between [ and ]".into()) })
    }

    fn note_left_out(&mut self, key: &str) {
        let field = self.path(key);
        let sentence = format!("{field} is left out, and it has no default; write it");
        self.note(MistakeKind::LeftOut, Some(self.table.line), field, sentence);
    }

    /// Notes every key that nobody asked for, those below it one by one, each with the known key that is most like it.
    fn note_unknown(&mut self) {
        for (name, child) in self.table.children().filter(|(name, _)| !self.asked.contains(name)) {
            let known = nearest(name, self.asked.iter().copied()).map(|known| joined(&self.table.path, known));
            let below = if child.value.is_table() { child.leaves() } else { Vec::new() };
            let unknown = if below.is_empty() { vec![child] } else { below };
            for key in unknown {
                let rest = key.path.strip_prefix(&child.path).unwrap_or_default();
                let sentence = match &known {
                    Some(known) => format!("{} is not a known key; did you mean {known}{rest}?", key.path),
                    None if self.asked.is_empty() => {
                        format!("{} is not a known key, and none may stand there; leave it out", key.path)
                    }
                    None => format!("{} is not a known key, nor like one; leave it out", key.path),
                };
                self.mistakes.push(ProfileMistake {
                    file: self.file.into(),
                    line: Some(key.line),
                    kind: MistakeKind::UnknownKey,
                    field: key.path.clone(),
                    sentence,
                });
            }
        }
    }

    fn note(&mut self, kind: MistakeKind, line: Option<usize>, field: String, sentence: String) {
        self.mistakes.push(ProfileMistake { file: self.file.into(), line, kind, field, sentence });
    }
}
