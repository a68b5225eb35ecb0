//! Designs: every change kept, none made over another's.

use jiff::Timestamp;
use lgwan_zone_store::By;
use lgwan_zone_store::designs::{self, Changed, Keep, Step};
use lgwan_zone_store::identity::departments::{self, Department};
use platform_audit::Chain;
use platform_store::{Store, StoreConfig};
use platform_testkit::on_both_databases;

const DEPARTMENT: &str = "00000000000000000000000001";
const PROCEDURE: &str = "00000000000000000000000011";

fn by(name: &str) -> By {
    let at = Timestamp::from_second(1_780_000_000).expect("a time");
    By { staff: name.to_owned(), name: name.to_owned(), ..By::system(at) }
}

fn step(title: &str) -> Step {
    Step {
        department_id: DEPARTMENT.to_owned(),
        title: title.to_owned(),
        document: format!("{{\"title\":\"{title}\"}}"),
        next_number: 1,
        stale: "[]".to_owned(),
    }
}

async fn open(url: String) -> Store {
    let journal = Box::new(Chain::new(lgwan_zone_store::ZONE));
    let store = Store::open(&StoreConfig::at(url), lgwan_zone_store::migrations(), journal);
    let store = store.expect("a database");
    let department = Department {
        id: DEPARTMENT.to_owned(),
        code: "shimin".to_owned(),
        name: "市民課".to_owned(),
        phone: String::new(),
        place: String::new(),
        sort: 0,
    };
    let begun = store.write(move |tx| {
        departments::put(tx, &by("花子"), &department)?;
        designs::begin(tx, &by("花子"), ("design", PROCEDURE), 0, &step("講座"))
    });
    begun.await.expect("begun");
    store
}

async fn changes(store: &Store, name: &'static str, seen: i32, title: &'static str) -> Changed {
    let done = store.write(move |tx| {
        let kept = (&step(title), Keep::Next);
        designs::change(tx, &by(name), ("design", seen), kept, ("field_added", title))
    });
    done.await.expect("written")
}

async fn travels(store: &Store, seen: i32, back: bool) -> Changed {
    let done =
        store.write(move |tx| designs::travel(tx, &by("花子"), ("design", seen), back, "undone"));
    done.await.expect("written")
}

async fn now(store: &Store) -> (i32, String, bool, bool) {
    let opened = store.read(|db| designs::opened(db, "design")).await.expect("readable");
    let opened = opened.expect("a design");
    (opened.design.version, opened.design.title, opened.can_undo, opened.can_redo)
}

on_both_databases!(
    /// NB-2.5: two clerks never write over each other: the second is told what the first did.
    the_second_clerk_sees_what_the_first_changed,
    |url: String| async move {
        let store = open(url).await;
        assert_eq!(changes(&store, "花子", 1, "講座A").await, Changed::Done(2));
        assert_eq!(changes(&store, "太郎", 1, "講座B").await, Changed::Overtaken);
        let since = store.read(|db| designs::changes(db, "design", 1)).await.expect("readable");
        assert_eq!(since.len(), 1);
        assert_eq!((since[0].name.as_str(), since[0].label.as_str()), ("花子", "講座A"));
        assert_eq!(now(&store).await, (2, "講座A".to_owned(), true, false));
        assert_eq!(changes(&store, "太郎", 2, "講座B").await, Changed::Done(3));
    }
);

on_both_databases!(
    /// NB-2.5: each step can be undone and taken again, until another step is made in its place.
    steps_are_undone_and_taken_again,
    |url: String| async move {
        let store = open(url).await;
        assert_eq!(travels(&store, 1, true).await, Changed::NoStep);
        changes(&store, "花子", 1, "二").await;
        changes(&store, "花子", 2, "三").await;
        assert_eq!(travels(&store, 3, true).await, Changed::Done(4));
        assert_eq!(now(&store).await, (4, "二".to_owned(), true, true));
        assert_eq!(travels(&store, 4, false).await, Changed::Done(5));
        assert_eq!(now(&store).await, (5, "三".to_owned(), true, false));
        assert_eq!(travels(&store, 4, true).await, Changed::Overtaken);
        travels(&store, 5, true).await;
        assert_eq!(changes(&store, "花子", 6, "四").await, Changed::Done(7));
        assert_eq!(now(&store).await, (7, "四".to_owned(), true, false));
        assert_eq!(travels(&store, 7, false).await, Changed::NoStep, "三 is gone");
    }
);

on_both_databases!(
    /// NB-2.5: what somebody types in one go is one step and one line of the record; the same of
    /// another person, or another thing, is a step of its own.
    what_is_typed_in_one_go_is_taken_back_in_one_go,
    |url: String| async move {
        let store = open(url).await;
        let goes_on = |seen, name: &'static str, what: &'static str, title: &'static str| {
            let store = store.clone();
            async move {
                let done = store.write(move |tx| {
                    let kept = (&step(title), Keep::Same);
                    designs::change(tx, &by(name), ("design", seen), kept, (what, title))
                });
                done.await.expect("written")
            }
        };
        changes(&store, "花子", 1, "だ").await;
        assert_eq!(goes_on(2, "花子", "field_added", "だん").await, Changed::Done(3));
        assert_eq!(goes_on(3, "花子", "field_added", "団体").await, Changed::Done(4));
        let since = store.read(|db| designs::changes(db, "design", 1)).await.expect("readable");
        assert_eq!(since.len(), 1);
        assert_eq!((since[0].version, since[0].label.as_str()), (4, "団体"));
        assert_eq!(goes_on(4, "太郎", "field_added", "団体名").await, Changed::Done(5));
        assert_eq!(goes_on(5, "太郎", "field_changed", "会の名").await, Changed::Done(6));
        assert_eq!(goes_on(5, "太郎", "field_changed", "会").await, Changed::Overtaken);
        for (seen, title) in [(6, "団体名"), (7, "団体"), (8, "講座")] {
            travels(&store, seen, true).await;
            assert_eq!(now(&store).await.1, title);
        }
        assert_eq!(goes_on(9, "花子", "field_added", "会").await, Changed::Done(10));
        assert_eq!(now(&store).await, (10, "会".to_owned(), true, false), "undone is no go");
    }
);

on_both_databases!(
    /// NN-21: what can be undone is bounded.
    old_steps_are_dropped,
    |url: String| async move {
        let store = open(url).await;
        for seen in 1..=120 {
            changes(&store, "花子", seen, "講座").await;
        }
        let mut back = 0;
        while let Changed::Done(_) = travels(&store, 121 + back, true).await {
            back += 1;
        }
        assert_eq!(back, 99, "a hundred documents are kept");
    }
);

on_both_databases!(
    /// NF-43: a finished design takes no change any more, and is no longer listed.
    a_finished_design_takes_no_change,
    |url: String| async move {
        let store = open(url).await;
        let listed = |store: Store| async move {
            let own = [DEPARTMENT.to_owned()];
            let all = store.read(move |db| designs::list(db, &own)).await.expect("readable");
            let one = store.read(|db| designs::open_of(db, PROCEDURE)).await.expect("readable");
            (all.len(), one.is_some())
        };
        assert_eq!(listed(store.clone()).await, (1, true));
        let finish = |seen, published| {
            store.write(move |tx| designs::finish(tx, &by("花子"), ("design", seen), published))
        };
        assert_eq!(finish(9, true).await.expect("written"), Changed::Overtaken);
        assert_eq!(finish(1, true).await.expect("written"), Changed::Done(1));
        assert_eq!(listed(store.clone()).await, (0, false));
        assert_eq!(changes(&store, "花子", 1, "後").await, Changed::Overtaken);
        assert_eq!(finish(1, false).await.expect("written"), Changed::Overtaken);
    }
);
