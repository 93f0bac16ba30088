//! Conversion between units of measure. An unknown unit gives null.

use std::f64::consts::PI;

use arrow::array::ArrayRef;

use crate::error::Result;
use crate::functions::Args;
use crate::functions::declare::scalar_functions;

scalar_functions! {
    family: Units;

    /// Converts an angle between units; null for a unit that is not known.
    ///
    /// Units: arcminute, arcsecond, degree, gradian, NATO mil, radian, revolution, tilt, and small
    /// parts of degree and radian, written `Arcminute`, `Degree`, `NatoMil`, `Milliradian` …
    ///
    /// ```kql
    /// print convert_angle(1.2, 'Degree', 'Arcminute')                          //=> 72.0
    /// ```
    CONVERT_ANGLE = "convert_angle" {
        (value: Real, from: String, to: String) -> Real => convert_angle;
    }

    /// Converts an energy between units; null for a unit that is not known.
    ///
    /// Units: `Joule`, `Calorie`, `BritishThermalUnit`, `ElectronVolt`, `WattHour`, `WattDay` and
    /// their multiples (`KilowattHour`), `Erg`, `FootPound`, `HorsepowerHour`, `ThermEc`, `ThermUs`,
    /// `ThermImperial`.
    ///
    /// ```kql
    /// print round(convert_energy(1.2, 'Joule', 'BritishThermalUnit'), 6)       //=> 0.001137
    /// ```
    CONVERT_ENERGY = "convert_energy" {
        (value: Real, from: String, to: String) -> Real => convert_energy;
    }

    /// Converts a force between units; null for a unit that is not known.
    ///
    /// Units: `Newton` and its multiples, `Dyn`, `KilogramForce`, `TonneForce`, `KiloPond`,
    /// `Poundal`, `PoundForce`, `KilopoundForce`, `OunceForce`, `ShortTonForce`.
    ///
    /// ```kql
    /// print convert_force(1.2, 'Newton', 'Decanewton')                         //=> 0.12
    /// ```
    CONVERT_FORCE = "convert_force" {
        (value: Real, from: String, to: String) -> Real => convert_force;
    }

    /// Converts a length between units; null for a unit that is not known.
    ///
    /// Units: `Meter` and its multiples, `Inch`, `Foot`, `Yard`, `Mile`, `NauticalMile`, `Fathom`,
    /// `LightYear`, `Parsec`, `AstronomicalUnit`, typographic and other units.
    ///
    /// ```kql
    /// print round(convert_length(1.2, 'Meter', 'Foot'), 6)                     //=> 3.937008
    /// ```
    CONVERT_LENGTH = "convert_length" {
        (value: Real, from: String, to: String) -> Real => convert_length;
    }

    /// Converts a mass between units; null for a unit that is not known.
    ///
    /// Units: `Gram` and its multiples, `Tonne`, `Pound`, `Ounce`, `Stone`, `ShortTon`, `LongTon`,
    /// `Grain`, `Slug`, `EarthMass`, `SolarMass` and others.
    ///
    /// ```kql
    /// print round(convert_mass(1.2, 'Kilogram', 'Pound'), 6)                   //=> 2.645547
    /// ```
    CONVERT_MASS = "convert_mass" {
        (value: Real, from: String, to: String) -> Real => convert_mass;
    }

    /// Converts a speed between units; null for a unit that is not known.
    ///
    /// Units: a length per time, such as `MeterPerSecond`, `KilometerPerHour`, `MilePerHour`, and
    /// `Knot`.
    ///
    /// ```kql
    /// print convert_speed(1.2, 'MeterPerSecond', 'CentimeterPerHour')          //=> 432000.0
    /// ```
    CONVERT_SPEED = "convert_speed" {
        (value: Real, from: String, to: String) -> Real => convert_speed;
    }

    /// Converts a temperature between units; null for a unit that is not known.
    ///
    /// Units: `Kelvin`, `DegreeCelsius`, `MillidegreeCelsius`, `DegreeFahrenheit`, `DegreeRankine`,
    /// `DegreeDelisle`, `DegreeNewton`, `DegreeReaumur`, `DegreeRoemer`, `SolarTemperature`.
    ///
    /// ```kql
    /// print convert_temperature(1.2, 'Kelvin', 'DegreeCelsius')                //=> -271.95
    /// ```
    CONVERT_TEMPERATURE = "convert_temperature" {
        (value: Real, from: String, to: String) -> Real => convert_temperature;
    }

    /// Converts a volume between units; null for a unit that is not known.
    ///
    /// Units: `Liter` and `CubicMeter` with their multiples, cubic feet, inches, yards and miles,
    /// American and imperial gallons, pints, ounces, cups, spoons and barrels.
    ///
    /// ```kql
    /// print round(convert_volume(1.2, 'CubicMeter', 'AcreFoot'), 10)           //=> 0.0009728568
    /// ```
    CONVERT_VOLUME = "convert_volume" {
        (value: Real, from: String, to: String) -> Real => convert_volume;
    }
}

/// Measures in one unit, to the base unit of its quantity or back.
#[derive(Clone, Copy)]
enum Scale {
    /// The base is the measure times the first number over the second.
    Ratio(f64, f64),
    /// The sine of an angle in degrees.
    Sine,
}

impl Scale {
    fn base(self, value: f64) -> f64 {
        match self {
            Scale::Ratio(times, over) => value * times / over,
            Scale::Sine => value.asin().to_degrees(),
        }
    }

    fn measure(self, value: f64) -> f64 {
        match self {
            Scale::Ratio(times, over) => value * over / times,
            Scale::Sine => value.to_radians().sin(),
        }
    }
}

fn scale(units: &[Unit], name: &str) -> Option<Scale> {
    let found = units.iter().find(|unit| unit.0 == name);
    found.map(|unit| Scale::Ratio(unit.1, unit.2))
}

fn angle(_: &[Unit], name: &str) -> Option<Scale> {
    if name == "Tilt" { Some(Scale::Sine) } else { scale(ANGLE, name) }
}

/// Converts by a table; the units are looked up once where they are constant.
fn convert(
    args: &Args,
    units: &[Unit],
    find: fn(&[Unit], &str) -> Option<Scale>,
) -> Result<ArrayRef> {
    if let (Some(from), Some(to)) = (args.constant_str(1), args.constant_str(2)) {
        let scales = find(units, from).zip(find(units, to));
        return args.map1(|value: f64| {
            let (from, to) = scales?;
            Some(to.measure(from.base(value)))
        });
    }
    args.map3(|value: f64, from: &str, to: &str| {
        Some(find(units, to)?.measure(find(units, from)?.base(value)))
    })
}

fn convert_angle(args: &Args) -> Result<ArrayRef> {
    convert(args, ANGLE, angle)
}

fn convert_energy(args: &Args) -> Result<ArrayRef> {
    convert(args, ENERGY, scale)
}

fn convert_force(args: &Args) -> Result<ArrayRef> {
    convert(args, FORCE, scale)
}

fn convert_length(args: &Args) -> Result<ArrayRef> {
    convert(args, LENGTH, scale)
}

fn convert_mass(args: &Args) -> Result<ArrayRef> {
    convert(args, MASS, scale)
}

fn convert_speed(args: &Args) -> Result<ArrayRef> {
    convert(args, SPEED, scale)
}

fn convert_volume(args: &Args) -> Result<ArrayRef> {
    convert(args, VOLUME, scale)
}

fn convert_temperature(args: &Args) -> Result<ArrayRef> {
    args.map3(|value: f64, from: &str, to: &str| from_kelvin(to, to_kelvin(from, value)?))
}

fn to_kelvin(unit: &str, x: f64) -> Option<f64> {
    Some(match unit {
        "Kelvin" => x,
        "DegreeCelsius" => x + 273.15,
        "MillidegreeCelsius" => x / 1000.0 + 273.15,
        "DegreeDelisle" => x * -2.0 / 3.0 + 373.15,
        "DegreeFahrenheit" => x * 5.0 / 9.0 + 459.67 * 5.0 / 9.0,
        "DegreeNewton" => x * 100.0 / 33.0 + 273.15,
        "DegreeRankine" => x * 5.0 / 9.0,
        "DegreeReaumur" => x * 5.0 / 4.0 + 273.15,
        "DegreeRoemer" => x * 40.0 / 21.0 + 273.15 - 7.5 * 40.0 / 21.0,
        "SolarTemperature" => x * 5778.0,
        _ => return None,
    })
}

fn from_kelvin(unit: &str, x: f64) -> Option<f64> {
    Some(match unit {
        "Kelvin" => x,
        "DegreeCelsius" => x - 273.15,
        "MillidegreeCelsius" => (x - 273.15) * 1000.0,
        "DegreeDelisle" => (x - 373.15) * -3.0 / 2.0,
        "DegreeFahrenheit" => (x - 459.67 * 5.0 / 9.0) * 9.0 / 5.0,
        "DegreeNewton" => (x - 273.15) * 33.0 / 100.0,
        "DegreeRankine" => x * 9.0 / 5.0,
        "DegreeReaumur" => (x - 273.15) * 4.0 / 5.0,
        "DegreeRoemer" => (x - (273.15 - 7.5 * 40.0 / 21.0)) * 21.0 / 40.0,
        "SolarTemperature" => x / 5778.0,
        _ => return None,
    })
}

/// A unit: its name, and the numbers that a measure is multiplied and divided by to give the base
/// unit. They are those of the library that Kusto uses, not all of them the best known.
type Unit = (&'static str, f64, f64);

/// The base unit is `Degree`.
static ANGLE: &[Unit] = &[
    ("Arcminute", 1.0, 60.0),
    ("Arcsecond", 1.0, 3600.0),
    ("Centiradian", 180.0, 100.0 * PI),
    ("Deciradian", 180.0, 10.0 * PI),
    ("Degree", 1.0, 1.0),
    ("Gradian", 0.9, 1.0),
    ("Microdegree", 1.0, 1000000.0),
    ("Microradian", 180.0, 1000000.0 * PI),
    ("Millidegree", 1.0, 1000.0),
    ("Milliradian", 180.0, 1000.0 * PI),
    ("Nanodegree", 1.0, 1000000000.0),
    ("Nanoradian", 180.0, 1000000000.0 * PI),
    ("NatoMil", 9.0, 160.0),
    ("Radian", 180.0, PI),
    ("Revolution", 360.0, 1.0),
];

/// The base unit is `Joule`.
static ENERGY: &[Unit] = &[
    ("BritishThermalUnit", 1055.05585262, 1.0),
    ("Calorie", 4.184, 1.0),
    ("DecathermEc", 1055055852.62, 1.0),
    ("DecathermImperial", 1055055852.57348, 1.0),
    ("DecathermUs", 1054804000.0, 1.0),
    ("ElectronVolt", 1.602176565e-19, 1.0),
    ("Erg", 1.0e-7, 1.0),
    ("FootPound", 1.355817948, 1.0),
    ("GigabritishThermalUnit", 1055055852620.0, 1.0),
    ("GigaelectronVolt", 1.602176565e-10, 1.0),
    ("Gigajoule", 1000000000.0, 1.0),
    ("GigawattDay", 86400000000000.0, 1.0),
    ("GigawattHour", 3600000000000.0, 1.0),
    ("HorsepowerHour", 2684519.5377, 1.0),
    ("Joule", 1.0, 1.0),
    ("KilobritishThermalUnit", 1055055.85262, 1.0),
    ("Kilocalorie", 4184.0, 1.0),
    ("KiloelectronVolt", 1.602176565e-16, 1.0),
    ("Kilojoule", 1000.0, 1.0),
    ("KilowattDay", 86400000.0, 1.0),
    ("KilowattHour", 3600000.0, 1.0),
    ("MegabritishThermalUnit", 1055055852.62, 1.0),
    ("Megacalorie", 4184000.0, 1.0),
    ("MegaelectronVolt", 1.602176565e-13, 1.0),
    ("Megajoule", 1000000.0, 1.0),
    ("MegawattDay", 86400000000.0, 1.0),
    ("MegawattHour", 3600000000.0, 1.0),
    ("Millijoule", 1.0, 1000.0),
    ("TeraelectronVolt", 1.602176565e-07, 1.0),
    ("TerawattDay", 8.64e16, 1.0),
    ("TerawattHour", 3600000000000000.0, 1.0),
    ("ThermEc", 105505585.262, 1.0),
    ("ThermImperial", 105505585.257348, 1.0),
    ("ThermUs", 105480400.0, 1.0),
    ("WattDay", 86400.0, 1.0),
    ("WattHour", 3600.0, 1.0),
];

/// The base unit is `Newton`.
static FORCE: &[Unit] = &[
    ("Decanewton", 10.0, 1.0),
    ("Dyn", 1.0, 100000.0),
    ("KilogramForce", 9.80665002864, 1.0),
    ("Kilonewton", 1000.0, 1.0),
    ("KiloPond", 9.80665002864, 1.0),
    ("KilopoundForce", 4448.22161526051, 1.0),
    ("Meganewton", 1000000.0, 1.0),
    ("Micronewton", 1.0, 1000000.0),
    ("Millinewton", 1.0, 1000.0),
    ("Newton", 1.0, 1.0),
    ("OunceForce", 0.2780138509537812, 1.0),
    ("Poundal", 0.1382550279897304, 1.0),
    ("PoundForce", 4.448221615260509, 1.0),
    ("ShortTonForce", 8896.443230521, 1.0),
    ("TonneForce", 9806.65002864, 1.0),
];

/// The base unit is `Meter`.
static LENGTH: &[Unit] = &[
    ("Angstrom", 1.0e-10, 1.0),
    ("AstronomicalUnit", 149597870700.0, 1.0),
    ("Centimeter", 1.0, 100.0),
    ("Chain", 20.1168, 1.0),
    ("DataMile", 1828.8, 1.0),
    ("Decameter", 10.0, 1.0),
    ("Decimeter", 1.0, 10.0),
    ("DtpPica", 1.0, 236.220472441),
    ("DtpPoint", 0.0254, 72.0),
    ("Fathom", 1.8288, 1.0),
    ("Foot", 0.3048, 1.0),
    ("Hand", 0.1016, 1.0),
    ("Hectometer", 100.0, 1.0),
    ("Inch", 0.0254, 1.0),
    ("KilolightYear", 9.46073047258e18, 1.0),
    ("Kilometer", 1000.0, 1.0),
    ("Kiloparsec", 3.08567758128e19, 1.0),
    ("LightYear", 9460730472580000.0, 1.0),
    ("MegalightYear", 9.46073047258e21, 1.0),
    ("Megaparsec", 3.08567758128e22, 1.0),
    ("Meter", 1.0, 1.0),
    ("Microinch", 2.54e-08, 1.0),
    ("Micrometer", 1.0, 1000000.0),
    ("Mil", 2.54e-05, 1.0),
    ("Mile", 1609.34, 1.0),
    ("Millimeter", 1.0, 1000.0),
    ("Nanometer", 1.0, 1000000000.0),
    ("NauticalMile", 1852.0, 1.0),
    ("Parsec", 3.08567758128e16, 1.0),
    ("PrinterPica", 1.0, 237.106301584),
    ("PrinterPoint", 0.0254, 72.27),
    ("Shackle", 27.432, 1.0),
    ("SolarRadius", 695510000.0, 1.0),
    ("Twip", 1.0, 56692.913385826),
    ("UsSurveyFoot", 1200.0, 3937.0),
    ("Yard", 0.9144, 1.0),
];

/// The base unit is `Kilogram`.
static MASS: &[Unit] = &[
    ("Centigram", 1.0, 100000.0),
    ("Decagram", 10.0, 1000.0),
    ("Decigram", 1.0, 10000.0),
    ("EarthMass", 5.9722e24, 1.0),
    ("Grain", 1.0, 15432.358352941432),
    ("Gram", 1.0, 1000.0),
    ("Hectogram", 100.0, 1000.0),
    ("Kilogram", 1000.0, 1000.0),
    ("Kilopound", 453.59237, 1.0),
    ("Kilotonne", 1000000.0, 1.0),
    ("LongHundredweight", 1.0, 0.01968413055222121),
    ("LongTon", 1016.0469088, 1.0),
    ("Megapound", 453592.37, 1.0),
    ("Megatonne", 1000000000.0, 1.0),
    ("Microgram", 1.0, 1000000000.0),
    ("Milligram", 1.0, 1000000.0),
    ("Nanogram", 1.0, 1000000000000.0),
    ("Ounce", 1.0, 35.2739619),
    ("Pound", 0.45359237, 1.0),
    ("ShortHundredweight", 1.0, 0.022046226218487758),
    ("ShortTon", 907.18474, 1.0),
    ("Slug", 1.0, 0.06852176556196105),
    ("SolarMass", 1.98947e30, 1.0),
    ("Stone", 1.0, 0.1574731728702698),
    ("Tonne", 1000.0, 1.0),
];

/// The base unit is `MeterPerSecond`.
static SPEED: &[Unit] = &[
    ("CentimeterPerHour", 1.0, 360000.0),
    ("CentimeterPerMinute", 1.0, 6000.0),
    ("CentimeterPerSecond", 1.0, 100.0),
    ("DecimeterPerMinute", 1.0, 600.0),
    ("DecimeterPerSecond", 1.0, 10.0),
    ("FootPerHour", 0.3048, 3600.0),
    ("FootPerMinute", 0.3048, 60.0),
    ("FootPerSecond", 0.3048, 1.0),
    ("InchPerHour", 0.0254, 3600.0),
    ("InchPerMinute", 0.0254, 60.0),
    ("InchPerSecond", 0.0254, 1.0),
    ("KilometerPerHour", 1000.0, 3600.0),
    ("KilometerPerMinute", 1000.0, 60.0),
    ("KilometerPerSecond", 1000.0, 1.0),
    ("Knot", 0.514444, 1.0),
    ("MeterPerHour", 1.0, 3600.0),
    ("MeterPerMinute", 1.0, 60.0),
    ("MeterPerSecond", 1.0, 1.0),
    ("MicrometerPerMinute", 1.0, 60000000.0),
    ("MicrometerPerSecond", 1.0, 1000000.0),
    ("MilePerHour", 0.44704, 1.0),
    ("MillimeterPerHour", 1.0, 3600000.0),
    ("MillimeterPerMinute", 1.0, 60000.0),
    ("MillimeterPerSecond", 1.0, 1000.0),
    ("NanometerPerMinute", 1.0, 60000000000.0),
    ("NanometerPerSecond", 1.0, 1000000000.0),
    ("UsSurveyFootPerHour", 1200.0, 14173200.0),
    ("UsSurveyFootPerMinute", 1200.0, 236220.0),
    ("UsSurveyFootPerSecond", 1200.0, 3937.0),
    ("YardPerHour", 0.9144, 3600.0),
    ("YardPerMinute", 0.9144, 60.0),
    ("YardPerSecond", 0.9144, 1.0),
];

/// The base unit is `CubicMeter`.
static VOLUME: &[Unit] = &[
    ("AcreFoot", 1.0, 0.000810714),
    ("AuTablespoon", 2.0e-5, 1.0),
    ("BoardFoot", 0.0023597372158, 1.0),
    ("Centiliter", 1.0, 100000.0),
    ("CubicCentimeter", 1.0, 1000000.0),
    ("CubicDecimeter", 1.0, 1000.0),
    ("CubicFoot", 0.028316846592, 1.0),
    ("CubicHectometer", 1000000.0, 1.0),
    ("CubicInch", 1.6387e-05, 1.0),
    ("CubicKilometer", 1000000000.0, 1.0),
    ("CubicMeter", 1.0, 1.0),
    ("CubicMicrometer", 1.0, 1.0e18),
    ("CubicMile", 4168181825.44058, 1.0),
    ("CubicMillimeter", 1.0, 1000000000.0),
    ("CubicYard", 0.764554858, 1.0),
    ("Decaliter", 10.0, 1000.0),
    ("DecausGallon", 0.0378541, 1.0),
    ("Deciliter", 1.0, 10000.0),
    ("DeciusGallon", 0.00378541, 10.0),
    ("HectocubicFoot", 2.8316846592, 1.0),
    ("HectocubicMeter", 100.0, 1.0),
    ("Hectoliter", 100.0, 1000.0),
    ("HectousGallon", 0.378541, 1.0),
    ("ImperialBeerBarrel", 0.16365924, 1.0),
    ("ImperialGallon", 0.0045460900000018145, 1.0),
    ("ImperialOunce", 2.84130624999629e-05, 1.0),
    ("ImperialPint", 0.00056826125, 1.0),
    ("KilocubicFoot", 28.316846592, 1.0),
    ("KilocubicMeter", 1000.0, 1.0),
    ("KiloimperialGallon", 4.546090000001814, 1.0),
    ("Kiloliter", 1000.0, 1000.0),
    ("KilousGallon", 3.78541, 1.0),
    ("Liter", 1.0, 1000.0),
    ("MegacubicFoot", 28316.846592, 1.0),
    ("MegaimperialGallon", 4546.090000001815, 1.0),
    ("Megaliter", 1000000.0, 1000.0),
    ("MegausGallon", 3785.41, 1.0),
    ("MetricCup", 0.00025, 1.0),
    ("MetricTeaspoon", 5.0e-6, 1.0),
    ("Microliter", 1.0, 1000000000.0),
    ("Milliliter", 1.0, 1000000.0),
    ("OilBarrel", 0.158987294928, 1.0),
    ("UkTablespoon", 1.5e-05, 1.0),
    ("UsBeerBarrel", 0.1173477658, 1.0),
    ("UsCustomaryCup", 0.0002365882365, 1.0),
    ("UsGallon", 0.00378541, 1.0),
    ("UsLegalCup", 0.00024, 1.0),
    ("UsOunce", 2.9573529562537606e-05, 1.0),
    ("UsPint", 0.000473176473, 1.0),
    ("UsQuart", 0.000946352946, 1.0),
    ("UsTablespoon", 1.478676478125e-05, 1.0),
    ("UsTeaspoon", 4.92892159375e-06, 1.0),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documented_answers() {
        let convert = |units, value, from, to| {
            let (from, to) = (scale(units, from).unwrap(), scale(units, to).unwrap());
            to.measure(from.base(value))
        };
        assert_eq!(convert(ANGLE, 1.2, "Degree", "Arcminute"), 72.0);
        assert_eq!(convert(SPEED, 1.2, "MeterPerSecond", "CentimeterPerHour"), 432_000.0);
        assert_eq!(convert(FORCE, 1.2, "Newton", "Decanewton"), 0.12);
        let close = |value: f64, expected: f64| (value / expected - 1.0).abs() < 1e-14;
        assert!(close(convert(VOLUME, 1.2, "CubicMeter", "AcreFoot"), 0.000_972_856_8));
        assert!(close(convert(MASS, 1.2, "Kilogram", "Pound"), 2.645_547_146_218_53));
        assert!(close(
            convert(ENERGY, 1.2, "Joule", "BritishThermalUnit"),
            0.001_137_380_544_375_98
        ));
        assert!(close(convert(LENGTH, 1.2, "Meter", "Foot"), 3.937_007_874_015_75));
        assert_eq!(from_kelvin("DegreeCelsius", 1.2), Some(-271.95));
        assert!(scale(MASS, "Meter").is_none() && angle(ANGLE, "Tilt").is_some());
    }

    #[test]
    fn temperatures_round_trip() {
        for unit in ["DegreeDelisle", "DegreeFahrenheit", "DegreeNewton", "DegreeRoemer"] {
            let back = from_kelvin(unit, to_kelvin(unit, 12.5).unwrap()).unwrap();
            assert!((back - 12.5).abs() < 1e-9, "{unit}");
        }
    }
}
