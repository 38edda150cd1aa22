//! A book for print: a cover, a page a scene with the picture above its words, and a colophon. Tagged after PDF/UA-1, so that it can be
//! read aloud with the descriptions of its pictures.

mod art;
mod draw;
mod face;
mod paper;

use tokio_util::sync::CancellationToken;

use super::book::{Book, Page};
use super::{ExportError, ExportSettings, Finished, Made, colophon};
use paper::{Block, Paper, Style};

/// The words below a picture: sizes that are tried, in points.
const SIZES: [f32; 8] = [20.0, 18.0, 16.0, 15.0, 14.0, 13.0, 12.0, 11.0];
/// The size of words that go on over the next page.
const LONG: f32 = 12.0;
/// Characters that no page has room for.
const ONE_PAGE: usize = 4_000;
/// Between a picture and the words below it.
const AIR: f32 = 14.0;
/// How much of a page's height a picture takes at most.
const PICTURE: f32 = 0.68;

pub(super) fn make(
    book: &Book,
    settings: &ExportSettings,
    cancel: &CancellationToken,
) -> Result<Finished, ExportError> {
    let mut paper = Paper::new(settings)?;
    cover(&mut paper, book)?;
    let size = common_size(&mut paper, book);
    for page in &book.pages {
        if cancel.is_cancelled() {
            return Err(ExportError::Cancelled);
        }
        scene(&mut paper, page, size)?;
    }
    last_page(&mut paper, book);
    finish(paper, book)
}

/// A book of outlines: one a page, as large as it can be, with its heading below.
pub(super) fn outlines(
    book: &Book,
    settings: &ExportSettings,
    cancel: &CancellationToken,
) -> Result<Finished, ExportError> {
    let mut paper = Paper::new(settings)?;
    let (width, height) = paper.trim();
    let margin = paper.margin();
    for page in book.pages.iter().filter(|page| page.art.is_some()) {
        if cancel.is_cancelled() {
            return Err(ExportError::Cancelled);
        }
        paper.begin_part(&page.heading());
        let style = Style::heading(16.0);
        let heading = paper.lines(&page.heading(), style, width - 2.0 * margin);
        let below = heading.len().min(2) as f32 * style.leading() + 12.0;
        let place = (margin, margin, width - 2.0 * margin, height - 2.0 * margin - below);
        let bottom = match &page.art {
            Some(art) => paper.picture(art, &page.alt(), place, false)?,
            None => margin,
        };
        let block = Block::heading(&page.heading(), heading.into_iter().take(2).collect(), style, 1);
        paper.block(&block, bottom + 12.0 + style.size, width / 2.0);
        paper.end_page();
    }
    last_page(&mut paper, book);
    finish(paper, book)
}

fn finish(mut paper: Paper, book: &Book) -> Result<Finished, ExportError> {
    let missing = std::mem::take(&mut paper.missing);
    let mut notes = std::mem::take(&mut paper.notes);
    if !missing.is_empty() {
        let shown: String = missing.iter().take(8).collect();
        let more = if missing.len() > 8 { ", …" } else { "" };
        notes.push(format!(
            "The font has no picture of {} of the letters ({shown}{more}); they are boxes. An EPUB shows them with the reader's fonts.",
            missing.len()
        ));
    }
    let (bytes, pages) = paper.finish(book)?;
    Ok(Finished {
        made: Made::File(bytes),
        pages,
        notes,
    })
}

fn cover(paper: &mut Paper, book: &Book) -> Result<(), ExportError> {
    let (width, height) = paper.trim();
    let inside = width - 2.0 * paper.margin();
    paper.begin_part(&book.title);
    let bottom = match book.cover() {
        Some((alt, art)) => paper.picture(art, &alt, (0.0, 0.0, width, height * PICTURE), true)?,
        None => 0.0,
    };
    let room = height - bottom - paper.margin();
    let fitting = [44.0, 36.0, 30.0, 26.0, 22.0, 18.0, 14.0]
        .map(Style::heading)
        .into_iter()
        .find_map(|style| {
            let lines = paper.lines(&book.title, style, inside);
            let fits = lines.len() as f32 * style.leading() <= room * 0.9 && lines.len() <= 3;
            fits.then_some((style, lines))
        });
    let (style, lines) = fitting.unwrap_or_else(|| {
        let style = Style::heading(14.0);
        let most = (room / style.leading()).max(1.0) as usize;
        let lines = paper.lines(&book.title, style, inside).into_iter().take(most).collect();
        (style, lines)
    });
    let above = (room - lines.len() as f32 * style.leading()).max(0.0) / 2.0;
    let block = Block::heading(&book.title, lines, style, 1);
    paper.block(&block, bottom + above + style.size, width / 2.0);
    paper.end_page();
    Ok(())
}

/// The words of a page in some size, from its heading on.
fn words(paper: &mut Paper, page: &Page, size: f32, inside: f32) -> Vec<Block> {
    let (heading, text) = (Style::heading(size * 1.2), Style::text(size));
    let lines = paper.lines(&page.heading(), heading, inside);
    let mut blocks = vec![Block::heading(&page.heading(), lines, heading, 2)];
    for paragraph in page.text.lines() {
        let lines = paper.lines(paragraph, text, inside);
        blocks.push(Block::text(lines, text));
    }
    blocks
}

/// How wide lines of words are; longer ones are hard to read.
fn measure(paper: &Paper) -> f32 {
    (paper.trim().0 - 2.0 * paper.margin()).min(560.0)
}

/// Where words end on a page.
fn foot(paper: &Paper) -> f32 {
    paper.trim().1 - paper.margin() - 12.0
}

/// The largest size in which the words of each page stay on it. Pages that no size is small enough for do not count: they go on over
/// the next page.
fn common_size(paper: &mut Paper, book: &Book) -> f32 {
    let (inside, bottom) = (measure(paper), foot(paper));
    let (width, height) = paper.trim();
    let mut common = SIZES[0];
    let mut any = false;
    for page in book
        .pages
        .iter()
        .filter(|page| page.text.chars().nth(ONE_PAGE).is_none())
    {
        let top = match &page.art {
            Some(art) => paper.end_of(art, (0.0, 0.0, width, height * PICTURE)) + AIR,
            None => paper.margin(),
        };
        let fitting = SIZES.into_iter().find(|size| {
            let blocks = words(paper, page, *size, inside);
            top + blocks.iter().map(Block::height).sum::<f32>() <= bottom
        });
        if let Some(size) = fitting {
            any = true;
            common = common.min(size);
        }
    }
    if any { common } else { LONG }
}

fn scene(paper: &mut Paper, page: &Page, size: f32) -> Result<(), ExportError> {
    let (width, height) = paper.trim();
    let margin = paper.margin();
    let (inside, bottom) = (measure(paper), foot(paper));
    paper.begin_part(&page.heading());
    let mut y = match &page.art {
        Some(art) => paper.picture(art, &page.alt(), (0.0, 0.0, width, height * PICTURE), true)? + AIR,
        None => margin,
    };
    let blocks = words(paper, page, size, inside);
    let left = (width - inside) / 2.0;
    for block in &blocks {
        let mut rest = block.clone();
        loop {
            let room = ((bottom - y) / rest.style.leading()).floor().max(0.0) as usize;
            let (now, later) = rest.split(room);
            if !now.lines.is_empty() {
                let x = if now.is_centred() { width / 2.0 } else { left };
                y = paper.block(&now, y + now.style.size, x) - now.style.size + now.style.gap();
            }
            let Some(later) = later else { break };
            paper.end_page();
            paper.begin_page();
            y = margin;
            rest = later;
        }
    }
    paper.end_page();
    Ok(())
}

fn last_page(paper: &mut Paper, book: &Book) {
    const TITLE: &str = "About this book";
    let (width, height) = paper.trim();
    let margin = paper.margin();
    let inside = (width - 2.0 * margin).min(420.0);
    paper.begin_part(TITLE);
    let (heading, text) = (Style::heading(14.0), Style::text(10.0));
    let mut blocks = vec![Block::heading(TITLE, paper.lines(TITLE, heading, inside), heading, 2)];
    for line in colophon::lines(book) {
        let lines = paper.lines(&line, text, inside);
        blocks.push(Block::text(lines, text));
    }
    let mut y = (height - margin - blocks.iter().map(Block::height).sum::<f32>()).max(margin);
    for block in &blocks {
        let x = if block.is_centred() {
            width / 2.0
        } else {
            (width - inside) / 2.0
        };
        let room = ((height - margin - y) / block.style.leading()).floor().max(1.0) as usize;
        let (now, _) = block.clone().split(room);
        y = paper.block(&now, y + now.style.size, x) - now.style.size + now.style.gap();
    }
    paper.end_page();
}
