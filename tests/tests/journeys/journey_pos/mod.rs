//! Does a shop that nobody here wrote the clients of get its flags, its containments and its rollbacks from a running network; and does everybody
//! still say the same when processes are killed in the midst of that?

mod flags_crash;
mod walk;
