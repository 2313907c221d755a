//! What a directory holds: each file with its size and a checksum, sorted, and totals by extension.
//!
//!     tree DIRECTORY [REPORT]   to standard output, or into the file REPORT
//!     tree panic                what a panic looks like
//!
//! TREE_DEPTH bounds how deep it looks.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write as _};
use std::path::Path;
use std::process::ExitCode;

/// FNV-1a over a stream: short, and any wrong byte shows.
fn checksum(mut input: impl Read) -> io::Result<(u64, u64)> {
    let (mut size, mut hash) = (0, 0xcbf2_9ce4_8422_2325_u64);
    let mut buffer = [0; 4096];
    loop {
        let count = input.read(&mut buffer)?;
        if count == 0 {
            return Ok((size, hash));
        }
        size += count as u64;
        for &byte in &buffer[..count] {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

#[derive(Default)]
struct Report {
    text: String,
    by_extension: HashMap<String, (u64, u64)>,
    directories: u64,
}

impl Report {
    fn add_file(&mut self, path: &Path, shown: &str) -> io::Result<()> {
        let (size, hash) = checksum(BufReader::new(File::open(path)?))?;
        let _ = writeln!(self.text, "{hash:016x} {size:>8} {shown}");
        let extension = path.extension().map_or_else(String::new, |it| it.to_string_lossy().into_owned());
        let total = self.by_extension.entry(extension).or_default();
        total.0 += 1;
        total.1 += size;
        Ok(())
    }

    fn add_directory(&mut self, path: &Path, shown: &str, depth: usize) -> io::Result<()> {
        self.directories += 1;
        let mut entries = fs::read_dir(path)?.collect::<io::Result<Vec<_>>>()?;
        entries.sort_by_key(|entry| entry.file_name());
        for entry in entries {
            let name = format!("{shown}{}", entry.file_name().to_string_lossy());
            let kind = entry.file_type()?;
            if kind.is_symlink() {
                let target = fs::read_link(entry.path())?;
                let _ = writeln!(self.text, "link to {}: {name}", target.display());
            } else if kind.is_file() {
                self.add_file(&entry.path(), &name)?;
            } else if depth > 0 {
                self.add_directory(&entry.path(), &format!("{name}/"), depth - 1)?;
            } else {
                let _ = writeln!(self.text, "too deep: {name}");
            }
        }
        Ok(())
    }

    fn finish(mut self) -> String {
        let mut totals: Vec<_> = self.by_extension.into_iter().collect();
        totals.sort();
        for (extension, (files, bytes)) in totals {
            let _ = writeln!(self.text, ".{extension}: {files} files, {bytes} bytes");
        }
        let _ = writeln!(self.text, "{} directories", self.directories);
        self.text
    }
}

fn run(arguments: &[String]) -> Result<(), Box<dyn std::error::Error>> {
    let depth = std::env::var("TREE_DEPTH").map_or(Ok(usize::MAX), |text| text.parse())?;
    let mut report = Report::default();
    report.add_directory(Path::new(&arguments[0]), "", depth)?;
    let text = report.finish();
    match arguments.get(1) {
        Some(path) => fs::write(path, text)?,
        None => io::stdout().write_all(text.as_bytes())?,
    }
    Ok(())
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        None => {
            eprintln!("usage: tree DIRECTORY [REPORT] | tree panic");
            ExitCode::from(2)
        }
        Some("panic") => {
            println!("about to panic");
            let empty: Vec<String> = Vec::new();
            println!("{}", empty[arguments.len()]);
            ExitCode::SUCCESS
        }
        Some(_) => match run(&arguments) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("tree failed: {}", error.to_string().split(" (").next().unwrap_or(""));
                ExitCode::FAILURE
            }
        },
    }
}
