//! What a large project costs: reading and judging 500 apps, the samples again and again under other names.

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};

use criterion::{Criterion, criterion_group, criterion_main};
use grantproof::lint::{Options, lint};
use grantproof::metadata::Project;
use jiff::Timestamp;

const APPS: usize = 500;
const NOW: Timestamp = Timestamp::constant(1_767_268_800, 0);

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            list(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// Writes the project: the org of the samples once, their External Client Apps until there are enough.
fn project(to: &Path) {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/eca-samples");
    let mut files = Vec::new();
    for part in ["force-app/main/default", "misset"] {
        list(&samples.join(part), &mut files);
    }
    let name = |file: &Path| {
        file.file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned()
    };
    let mut apps: Vec<String> = files
        .iter()
        .filter_map(|file| name(file).strip_suffix(".eca-meta.xml").map(str::to_owned))
        .collect();
    // A name may begin another one.
    apps.sort_by_key(|app| std::cmp::Reverse(app.len()));
    let owner = |file: &Path| apps.iter().find(|app| name(file).starts_with(app.as_str()));
    let write = |file: &Path, name: &str, text: String| {
        let folder = file.parent().and_then(Path::file_name).expect("a folder");
        let folder = to.join("force-app/main/default").join(folder);
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join(name), text).expect("a file");
    };
    fs::write(
        to.join("sfdx-project.json"),
        r#"{"packageDirectories": [{"path": "force-app", "default": true}]}"#,
    )
    .expect("a file");
    let mut written = 0;
    for round in 0.. {
        for app in &apps {
            if written == APPS {
                return;
            }
            written += 1;
            for file in files.iter().filter(|file| owner(file) == Some(app)) {
                let text = fs::read_to_string(file).expect("a sample");
                let other = format!("{app}_{round}");
                write(
                    file,
                    &name(file).replace(app.as_str(), &other),
                    text.replace(app.as_str(), &other),
                );
            }
        }
        if round == 0 {
            for file in files.iter().filter(|file| owner(file).is_none()) {
                write(
                    file,
                    &name(file),
                    fs::read_to_string(file).expect("a sample"),
                );
            }
        }
    }
}

fn five_hundred_apps(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    project(folder.path());
    let read = || Project::read(folder.path(), NOW).expect("a project");
    let known = read();
    assert!(known.apps.len() >= APPS);
    let mut group = c.benchmark_group("500 apps");
    group.sample_size(10);
    group.bench_function("read", |b| b.iter(|| black_box(read())));
    group.bench_function("lint", |b| {
        b.iter(|| black_box(lint(&known, NOW, &Options::default())));
    });
    group.finish();
}

criterion_group!(benches, five_hundred_apps);
criterion_main!(benches);
