//! Tests of the functions over arrays, sets and bags.

use std::sync::Arc;

use arrow::array::{AsArray, StringViewArray};

use super::*;
use crate::functions::kernel::{array_of, value_at};
use crate::functions::scalar::{dynamic_bag, sets};
use crate::functions::{ScalarFunction, udf};
use crate::types::{Type, Value};

/// The answer of a function over constants, as JSON or plain text.
fn answer(function: &'static ScalarFunction, values: &[Value], returns: Type) -> String {
    let types: Vec<Type> = values.iter().map(Value::ty).collect();
    let arrays: Vec<ArrayRef> =
        values.iter().map(|v| array_of(std::slice::from_ref(v), v.ty())).collect();
    let scalars = vec![true; arrays.len()];
    let args = Args::new(&arrays, &scalars, &types, 1);
    match udf::evaluate(function, 0, &args, returns) {
        Ok(result) => match value_at(&result, returns, 0) {
            Value::Null(_) => "null".into(),
            Value::Dynamic(json) => json.to_string(),
            other => format!("{other:?}"),
        },
        Err(error) => error.to_string(),
    }
}

/// Arguments: JSON for dynamics, `=n` for longs, `'s` for strings.
fn values(text: &str) -> Vec<Value> {
    let value = |text: &str| match text.split_at(1) {
        ("=", number) => Value::Long(number.parse().unwrap()),
        ("'", text) => Value::String(text.into()),
        _ if text == "null" => Value::Null(Type::Dynamic),
        _ if text == "false" => Value::Bool(false),
        _ => Value::Dynamic(text.into()),
    };
    text.split(' ').map(value).collect()
}

#[test]
fn arrays() {
    for (function, args, expected) in [
        (&ARRAY_CONCAT, "[1,2] null [[3]]", "[1,2,[3]]"),
        (&ARRAY_CONCAT, "null null", "null"),
        (&ARRAY_SLICE, "[1,2,3,4] =1 =2", "[2,3]"),
        (&ARRAY_SLICE, "[1,2,3,4] =0 =0", "[1]"),
        (&ARRAY_SLICE, "[1,2,3,4,5] =2 =-1", "[3,4,5]"),
        (&ARRAY_SLICE, "[1,2,3,4,5] =-3 =-2", "[3,4]"),
        (&ARRAY_SLICE, "[1,2] =5 =9", "[]"),
        (&ARRAY_SLICE, "[1,2] =0 =-3", "[]"),
        (&ARRAY_SLICE, "[] =0 =0", "[]"),
        (&ARRAY_SLICE, "{} =0 =0", "null"),
        (&ARRAY_ROTATE_LEFT, "[1,2,3,4,5] =-2", "[4,5,1,2,3]"),
        (&ARRAY_ROTATE_RIGHT, "[1,2,3,4,5] =2", "[4,5,1,2,3]"),
        (&ARRAY_ROTATE_RIGHT, "[] =2", "[]"),
        (&ARRAY_SHIFT_LEFT, "[1,2,3] =1", "[2,3,null]"),
        (&ARRAY_SHIFT_LEFT, "[1,2,3] =-9 =0", "[0,0,0]"),
        (&ARRAY_SHIFT_RIGHT, r#"["a","b"] =1"#, r#"["","a"]"#),
        (&ARRAY_SPLIT, "[1,2,3,4,5] =2", "[[1,2],[3,4,5]]"),
        (&ARRAY_SPLIT, "[1,2,3,4,5] [1,3]", "[[1],[2,3],[4,5]]"),
        (&ARRAY_SPLIT, "[1,2,3] =-1", "[[1,2],[3]]"),
        (&ARRAY_SPLIT, "[1] [9,0]", "[[1],[],[]]"),
        (&ARRAY_IFF, r#"[1,0,"x",true] [5] 'no"#, r#"[5,"no",null,null]"#),
        (&ARRAY_SORT_ASC, r#"[null,"b",2,10,"a",1.5]"#, r#"[1.5,2,10,"a","b",null]"#),
        (&ARRAY_SORT_DESC, "[null,1,3] false", "[null,3,1]"),
        (&ARRAY_SORT_ASC, r#"[2,1] ["x","y"] [1]"#, r#"[[1,2],["y","x"],null]"#),
        (&ARRAY_SORT_ASC, "null", "null"),
        (&PACK_ARRAY, "=1 null 'a\"", r#"[1,null,"a\""]"#),
        (&REPEAT, "=1 =3", "[1,1,1]"),
        (&REPEAT, "=1 =-1", "null"),
        (&ZIP, r#"[1,3,5] ["a","b"]"#, r#"[[1,"a"],[3,"b"],[5,null]]"#),
        (&RANGE, "=1 =8 =3", "[1,4,7]"),
        (&RANGE, "=3 =1", "[]"),
        (&RANGE, "=3 =1 =-1", "[3,2,1]"),
    ] {
        assert_eq!(answer(function, &values(args), Type::Dynamic), expected, "{function:?} {args}");
    }
    for (args, expected) in [
        (r#"["a","b","a"] 'a =1"#, "Long(2)"),
        (r#"["a","b","a"] 'a =-1"#, "Long(2)"),
        (r#"["a","b","a"] 'a =0 =2 =2"#, "Long(-1)"),
        (r#"["a","b","a"] 'a =0 =-1 =2"#, "Long(2)"),
        ("[1.0,2] =1", "Long(0)"),
        ("[1] =1 =0 =-2", "null"),
    ] {
        assert_eq!(answer(&ARRAY_INDEX_OF, &values(args), Type::Long), expected, "{args}");
    }
    assert_eq!(answer(&ARRAY_SUM, &values("[1,null,3]"), Type::Real), "Real(4.0)");
    assert_eq!(answer(&ARRAY_SUM, &values("[]"), Type::Real), "null");
    assert_eq!(answer(&ARRAY_SUM, &values(r#"[1,"a"]"#), Type::Real), "null");
}

#[test]
fn sets_and_bags() {
    for (function, args, expected) in [
        (&sets::SET_UNION, "[2,1,2] [3,1.0]", "[2,1,3]"),
        (&sets::SET_INTERSECT, "[1,2,3,2] [2,3] [3,2,9]", "[2,3]"),
        (&sets::SET_DIFFERENCE, "[1,2,3,1] [2] [9]", "[1,3]"),
        (&sets::SET_INTERSECT, "[1] [2]", "[]"),
        (&dynamic_bag::BAG_KEYS, r#"{"a":1,"b":{"c":2}}"#, r#"["a","b"]"#),
        (&dynamic_bag::BAG_KEYS, "[]", "null"),
        (&dynamic_bag::BAG_MERGE, r#"null {"a":1} [] {"a":2,"b":3}"#, r#"{"a":1,"b":3}"#),
        (&dynamic_bag::BAG_PACK, "'k =1 'l null", r#"{"k":1,"l":null}"#),
        (&dynamic_bag::BAG_PACK, "'k =1 'k =2 'a =3", r#"{"k":2,"a":3}"#),
        (&dynamic_bag::BAG_PACK_FILLED, "'k ' 'l null 'm =0", r#"{"m":0}"#),
        (&dynamic_bag::BAG_SET_KEY, r#"{"a":1} '$.c.d 'x"#, r#"{"a":1,"c":{"d":"x"}}"#),
        (&dynamic_bag::BAG_SET_KEY, r#"{"a":1} 'a =2"#, r#"{"a":2}"#),
        (&dynamic_bag::BAG_SET_KEY, "[] 'a =2", "null"),
        (
            &dynamic_bag::BAG_REMOVE_KEYS,
            r#"{"a":{"b":1,"c":2},"d":0} ["$.a.b","d"]"#,
            r#"{"a":{"c":2}}"#,
        ),
        (&dynamic_bag::BAG_REMOVE_KEYS, r#"{"a":1,"b":2} ["b","x"]"#, r#"{"a":1}"#),
        (&dynamic_bag::BAG_ZIP, r#"["a",1,"b","c"] [1,2,3]"#, r#"{"a":1,"b":3,"c":null}"#),
        (&dynamic_bag::TREEPATH, r#"{"l":[1,{"x":2}]}"#, r#"["['l']","['l'][0]","['l'][0]['x']"]"#),
    ] {
        assert_eq!(answer(function, &values(args), Type::Dynamic), expected, "{function:?} {args}");
    }
    for (function, args, expected) in [
        (&sets::SET_HAS_ELEMENT, "[1,2] =2", "Bool(true)"),
        (&sets::SET_HAS_ELEMENT, "[1,2] '2", "Bool(false)"),
        (&sets::SET_EQUALS, r#"[1,{"a":1,"b":2}] [{"b":2,"a":1},1,1]"#, "Bool(true)"),
        (&dynamic_bag::BAG_HAS_KEY, r#"{"a":null} 'a"#, "Bool(true)"),
        (&dynamic_bag::BAG_HAS_KEY, r#"{"a":{"b":1}} '$.a.c"#, "Bool(false)"),
    ] {
        assert_eq!(answer(function, &values(args), Type::Bool), expected, "{function:?} {args}");
    }
}

#[test]
fn a_constant_value_meets_a_column() {
    let arrays: [ArrayRef; 2] = [
        Arc::new(StringViewArray::from(vec!["[1,2]"])),
        Arc::new(arrow::array::Int64Array::from(vec![Some(2), Some(3), None])),
    ];
    let types = [Type::Dynamic, Type::Long];
    let args = Args::new(&arrays, &[true, false], &types, 3);
    let found = udf::evaluate(&sets::SET_HAS_ELEMENT, 0, &args, Type::Bool).unwrap();
    let found: Vec<_> = found.as_boolean().iter().collect();
    assert_eq!(found, [Some(true), Some(false), Some(false)]);
}
