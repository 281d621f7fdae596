//! For which platform a C library was made, as its own file says.

use std::io::Read;

use super::places::StoreFiles;
use crate::plain_file;

/// Files of a C library, one of which tells.
const LIBRARIES: [&str; 2] = ["lib/libc.so.6", "lib/libc.so"];

/// The platform, as Nix calls it where it has a name; `None` if the file is not on this machine, or is no ELF file.
pub fn platform(files: &StoreFiles, base_name: &str) -> Option<String> {
    let place = files.locate(base_name)?;
    let is_file = |path: &std::path::PathBuf| {
        let status = path.symlink_metadata();
        status.is_ok_and(|status| status.is_file())
    };
    let path = LIBRARIES
        .iter()
        .map(|library| place.join(library))
        .find(is_file)?;
    let mut head = [0; 20];
    plain_file::open(&path).ok()?.read_exact(&mut head).ok()?;
    named(&head)
}

/// The platform that the beginning of an ELF file names.
fn named(head: &[u8; 20]) -> Option<String> {
    if !head.starts_with(b"\x7fELF") {
        return None;
    }
    let number = [head[18], head[19]];
    let machine = if head[5] == 2 {
        u16::from_be_bytes(number)
    } else {
        u16::from_le_bytes(number)
    };
    let bits = if head[4] == 2 { 64 } else { 32 };
    Some(match (machine, bits) {
        (3, 32) => "i686-linux".to_owned(),
        (62, 64) => "x86_64-linux".to_owned(),
        (62, 32) => "x86_64-linux (x32)".to_owned(),
        (40, 32) => "armv7l-linux".to_owned(),
        (183, 64) => "aarch64-linux".to_owned(),
        (243, 64) => "riscv64-linux".to_owned(),
        (21, 64) => "powerpc64-linux".to_owned(),
        _ => format!("ELF machine {machine}, {bits} bits"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_name_the_platform() {
        let head = |class: u8, machine: u16| {
            let mut head = *b"\x7fELF\0\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\0\0";
            head[4] = class;
            head[18..].copy_from_slice(&machine.to_le_bytes());
            named(&head)
        };
        assert_eq!(head(2, 62).as_deref(), Some("x86_64-linux"));
        assert_eq!(head(1, 3).as_deref(), Some("i686-linux"));
        assert_eq!(head(2, 258).as_deref(), Some("ELF machine 258, 64 bits"));
        assert_eq!(named(&[0; 20]), None);
    }
}
