//! A disk, which loses what was not synced.

/// What a node keeps.
#[derive(Debug, Clone, Default)]
pub struct Disk<T> {
    synced: T,
    written: T,
}

impl<T: Clone> Disk<T> {
    /// A disk that has something, for good.
    pub fn new(kept: T) -> Self {
        Self { synced: kept.clone(), written: kept }
    }

    /// What is read now.
    pub fn read(&self) -> &T {
        &self.written
    }

    /// Writes; a crash before the next [`sync`](Self::sync) takes it back.
    pub fn write(&mut self) -> &mut T {
        &mut self.written
    }

    /// Keeps what was written.
    pub fn sync(&mut self) {
        self.synced = self.written.clone();
    }

    /// Loses what was written and not synced.
    pub fn crash(&mut self) {
        self.written = self.synced.clone();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crash_takes_back_what_was_not_synced() {
        let mut disk = Disk::new(vec![1]);
        disk.write().push(2);
        disk.sync();
        disk.write().push(3);
        assert_eq!(disk.read(), &[1, 2, 3]);
        disk.crash();
        assert_eq!(disk.read(), &[1, 2]);
    }
}
