// jinja_bench PAGES CONTEXT NAME SECONDS: medians of parsing with rendering, and of rendering alone, in microseconds.
use std::collections::HashMap;
use std::time::{Duration, Instant};

fn measure(seconds: f64, mut work: impl FnMut() -> usize) -> f64 {
    let mut times = Vec::new();
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    while times.len() < 3 || Instant::now() < end {
        let start = Instant::now();
        std::hint::black_box(work());
        times.push(start.elapsed().as_secs_f64() * 1e6);
    }
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn environment(sources: &HashMap<String, String>) -> minijinja::Environment<'static> {
    let sources = sources.clone();
    let mut environment = minijinja::Environment::new();
    environment.set_loader(move |name| Ok(sources.get(name).cloned()));
    environment
}

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let mut sources = HashMap::new();
    for entry in std::fs::read_dir(&words[1]).unwrap() {
        let path = entry.unwrap().path();
        sources.insert(path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(&path).unwrap());
    }
    let json: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&words[2]).unwrap()).unwrap();
    let context = minijinja::Value::from_serialize(&json);
    let (name, seconds) = (&words[3], words[4].parse().unwrap());
    let kept = environment(&sources);
    let size = kept.get_template(name).unwrap().render(&context).unwrap().len();
    // Copying the sources is the loader's business, not the engine's.
    let mut times = Vec::new();
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    while times.len() < 3 || Instant::now() < end {
        let fresh = environment(&sources);
        let start = Instant::now();
        std::hint::black_box(fresh.get_template(name).unwrap().render(&context).unwrap().len());
        times.push(start.elapsed().as_secs_f64() * 1e6);
    }
    times.sort_by(f64::total_cmp);
    let render = measure(seconds, || kept.get_template(name).unwrap().render(&context).unwrap().len());
    println!("{} {:.2} {:.2}", size, times[times.len() / 2], render);
}
