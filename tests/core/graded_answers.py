"""Answers marked by hand, point by point, to measure the grader against.

Each line is an answer as whisper might write it, and one letter for each key point of the question in its order:
H hit, P partial, M missed, C contradicted. They were written before the grader was tuned. Every third answer is held
out: the grader's tables and thresholds were never fitted to it.
"""

from __future__ import annotations

from dataclasses import dataclass

from companion.core.mark import Verdict


@dataclass(frozen=True, slots=True)
class MarkedAnswer:
    """An answer, and the verdict a fair examiner gives on each point."""

    case: str
    question: str
    answer: str
    verdicts: tuple[Verdict, ...]
    held_out: bool


_LETTERS = {"H": Verdict.HIT, "P": Verdict.PARTIAL, "M": Verdict.MISSED, "C": Verdict.CONTRADICTED}

_TABLE: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {
    ("inferior-stemi", "territory"): (
        (
            "HHH",
            "It's the inferior wall, the ST depression is reciprocal, and it's probably the right coronary artery.",
        ),
        ("HHH", "Inferior. The depression in one and A V L is a reciprocal change. Right coronary."),
        ("HMH", "um so that would be the inferior territory which is usually supplied by the R C A"),
        ("CMC", "This is the anterior wall, so the left anterior descending artery."),
        ("HHH", "The diaphragmatic surface of the heart, with mirror image changes, from an RCA occlusion."),
        ("HCC", "The inferior wall. The ST depression is a second area of ischaemia. It's the circumflex artery."),
        ("HHM", "interior leads no sorry inferior leads and the depression is just reciprocal changes"),
        ("MMM", "I am not sure about this one."),
        ("CHM", "It is not the inferior wall, and the depression is reciprocal change."),
        ("HPH", "Inferior ST elevation. It's reciprocal something. The right coronary artery is blocked."),
        ("CMM", "It could be inferior or anterior or lateral or posterior or septal."),
        ("HHH", "in ferior wall with recipricol depression and a right corinary artery occlusion"),
    ),
    ("inferior-stemi", "diagnosis"): (
        ("HH", "It's an inferior STEMI and you shouldn't wait for the troponin."),
        ("HH", "She's having a heart attack. No, you don't need a blood test, you treat straight away."),
        ("HC", "This is an ST elevation MI but I would wait for the troponin before treating."),
        ("CC", "I think this is pericarditis and I'd do serial troponins first."),
        ("HH", "Acute myocardial infarction. Treatment must not be delayed for troponin."),
        ("CM", "It's an NSTEMI."),
        ("CM", "Unstable angina."),
        ("HH", "inferior stemmy you do not have to wait for tropinin"),
        ("CM", "This is not a STEMI."),
        ("HM", "ST elevation myocardial infarction of the inferior wall."),
        ("HH", "It is an inferior MI, not pericarditis. We act on the ECG alone."),
    ),
    ("inferior-stemi", "differential"): (
        (
            "HHHM",
            "Aortic dissection. I'd check the blood pressure in both arms and ask about tearing pain to the back.",
        ),
        ("HMMH", "I would rule out an aortic dissection with a CT angiogram."),
        ("HHMH", "A tear in the aorta. Look for radio-radial delay and a widened mediastinum on the chest x-ray."),
        ("MMMM", "Pericarditis. I would look for a rub."),
        ("MMMM", "Pulmonary embolism, so I'd do a D-dimer."),
        ("HMHH", "a ortic dissection, so does the pain radiate to the back, and get a CT aorta gram"),
        ("PMMM", "Some sort of dissection."),
        ("CMMM", "It could not be aortic dissection."),
    ),
    ("inferior-stemi", "reperfusion"): (
        ("HHH", "She needs transfer for primary PCI within 120 minutes, and I'd give 300 milligrams of aspirin."),
        ("HHH", "Blue light her to the cath lab, it has to be done in under two hours, and load her with aspirin."),
        ("CMH", "I would thrombolyse her here and give aspirin."),
        ("HCM", "Primary angioplasty within 12 hours."),
        ("MMM", "Morphine and oxygen and call the family."),
        ("HHC", "Emergency PCI within two hours. I would avoid aspirin."),
        ("HHH", "primary P C I with in a hundred and twenty minutes and asprin three hundred"),
        ("HMH", "Percutaneous coronary intervention. Chew an aspirin. Time is muscle."),
        ("CMM", "An outpatient angiogram next week."),
        ("CMM", "No need for primary PCI."),
    ),
    ("inferior-stemi", "right-ventricle"): (
        ("HHH", "A right ventricular infarct. I'd do right-sided leads, V4R, and avoid nitrates."),
        ("HHH", "The RV is infarcted. V four R would show it. Don't give GTN."),
        ("CMC", "Left ventricular failure, so I'd give GTN."),
        ("HMH", "Right ventricular involvement. Nitrates are contraindicated because she depends on preload."),
        ("HHC", "RV infarct, right sided ECG, and I would start a GTN infusion for the pain."),
        ("HHH", "It suggests right ventricular infarction. Put the leads on the right. The drug to avoid is nitrates."),
        ("MMH", "You should never give nitrates here."),
        ("CCM", "Cardiac tamponade. I would do posterior leads."),
        ("HHH", "right ventrickular infarction look at V 4 R and hold the nitrits"),
    ),
    ("ketoacidosis", "gas"): (
        ("HH", "A metabolic acidosis, and he is breathing fast to blow off CO2."),
        ("HH", "Severe metabolic acidosis with respiratory compensation."),
        ("CM", "This is a respiratory acidosis."),
        ("HC", "Metabolic acidosis. He breathes like that because he is having a panic attack."),
        ("CM", "It's a metabolic alkalosis."),
        ("HH", "metabolic acid osis with cusmal breathing to get rid of carbon dioxide"),
        ("PM", "He is acidotic."),
        ("CH", "It is not a metabolic acidosis, he is compensating for something with respiratory compensation."),
    ),
    ("ketoacidosis", "diagnosis"): (
        ("HHH", "Diabetic ketoacidosis. Check his blood sugar and ketones."),
        ("HHH", "I'd do a capillary glucose and a ketone level because I think it's DKA."),
        ("CMH", "This is a hyperosmolar hyperglycaemic state so I'd check the glucose."),
        ("HHH", "diabetic keto sidosis check ketons and blood glucose"),
        ("CMM", "Gastroenteritis."),
        ("HMM", "A first presentation of type 1 diabetes with ketoacidosis."),
        ("CMM", "He does not have DKA."),
    ),
    ("ketoacidosis", "first-hour"): (
        ("HHH", "A litre of normal saline over an hour and fixed rate insulin at 0.1 units per kilogram per hour."),
        (
            "HHH",
            "Point nine percent sodium chloride, then a fixed rate insulin infusion, nought point one units per kilo.",
        ),
        ("HCM", "Start with normal saline and put him on a sliding scale."),
        ("CCM", "Give 5% dextrose first and an insulin bolus."),
        ("HHC", "Saline, fixed-rate intravenous insulin infusion, 1 unit per kilogram per hour."),
        ("HMM", "Normal saline one litre in the first hour and some insulin."),
        ("HHH", "normal sailing over one hour and fixed rate insalin zero point one units per kg"),
        ("HCM", "Saline and a variable rate insulin infusion."),
        ("HHM", "Sodium chloride, then an F R triple I, not a sliding scale."),
    ),
    ("ketoacidosis", "potassium"): (
        (
            "HHH",
            "Insulin drives potassium into cells. I'd add 40 millimoles to each litre, with a cardiac monitor.",
        ),
        ("HHM", "It's gone into cells because of the insulin, so replace the potassium."),
        ("MCM", "It's in the normal range so no potassium is needed."),
        ("HCM", "Insulin shifts potassium into cells. Give calcium gluconate."),
        ("MHH", "Start potassium replacement and recheck the gas in two hours."),
        ("CHM", "Potassium moves out of the cells. Give potassium."),
        ("HHM", "insulin pushes it in to the sells so add 40 millimole of potassium chloride"),
        ("MCM", "Do nothing, potassium does not need replacing."),
    ),
    ("ketoacidosis", "falling-glucose"): (
        ("HHM", "No, don't stop the insulin. Add ten percent glucose."),
        ("HHH", "Keep the insulin going but at half the rate, and start 10% dextrose."),
        ("CMM", "Yes, stop the insulin because his sugar is normal now."),
        (
            "HHH",
            "Carry on with insulin until the ketones clear, run dextrose, and reduce to 0.05 units per kilogram.",
        ),
        ("CHM", "I would switch off the insulin and give glucose."),
        ("HMM", "He still needs insulin."),
        ("HCM", "Continue the insulin, no dextrose."),
    ),
    ("pulmonary-embolism", "gas"): (
        ("HHH", "Type one respiratory failure with a respiratory alkalosis. It's a V/Q mismatch."),
        ("HMH", "She's hypoxic with a low CO2. Her lungs are ventilated but not perfused."),
        ("CMM", "Type 2 respiratory failure."),
        ("CCM", "She is retaining CO2 with a respiratory acidosis."),
        ("MHH", "She is hyperventilating, and there's a perfusion problem."),
        ("HHH", "type 1 respitory failure, respitory alkalosis and ventilation profusion mismatch"),
        ("MCM", "A metabolic alkalosis."),
    ),
    ("pulmonary-embolism", "diagnosis"): (
        ("HHH", "A pulmonary embolism from a DVT in the leg, because she was immobile."),
        ("HHM", "She has a blood clot on the lung that came from her calf, a clot in the leg."),
        ("MMM", "Lobar pneumonia."),
        ("CMM", "It is not a pulmonary embolism, it is a pneumothorax."),
        ("HHH", "pulminary embolus from deep vain thrombosis due to immobilization in the cast"),
        ("PMM", "PE, pneumonia, pneumothorax, pericarditis, asthma, or anxiety."),
        ("CCM", "Heart failure with a clot from the heart in atrial fibrillation."),
        ("HMH", "PE provoked by venous stasis."),
        ("MMM", "Pulmonary oedema would be my first thought, no clot."),
    ),
    ("pulmonary-embolism", "differential"): (
        ("HHH", "Pneumothorax, pneumonia and a heart attack."),
        ("HMH", "A collapsed lung or an acute coronary syndrome."),
        ("HHM", "neomithorax and a chest infection"),
        ("MHM", "Pneumonia, asthma and anxiety."),
        ("MMM", "Haemothorax, pericarditis and anaemia."),
        ("MMH", "myocardial infraction, panic"),
    ),
    ("pulmonary-embolism", "confirm"): (
        ("HHH", "A CTPA. No, a D-dimer isn't useful. Start apixaban while waiting."),
        ("HCH", "I'd send a D-dimer and get a CT pulmonary angiogram, and give low molecular weight heparin."),
        ("HHC", "CTPA, skip the D-dimer, and wait for the scan before anticoagulation."),
        ("MMH", "Start anticoagulation straight away."),
        ("HHH", "C T P A, d dimer would not help, and start rivaroxiban"),
        ("MCC", "Yes a D-dimer, and give aspirin instead of heparin."),
        ("HMH", "CT pulmonary angiography and treatment dose dalteparin."),
        ("HHH", "Go straight to the CTPA, the D-dimer adds nothing, and I would anticoagulate her now."),
    ),
    ("pulmonary-embolism", "collapse"): (
        ("HHH", "Obstructive shock from right heart failure. It's a massive PE and she needs thrombolysis."),
        ("MHH", "It's high risk, so give alteplase."),
        ("CMM", "Septic shock."),
        ("HCC", "The right ventricle is failing. It's a low risk embolism so no thrombolysis."),
        ("MHC", "Massive PE. I would avoid thrombolysis and use heparin alone."),
        ("HHH", "right ventricular strain, massive pulmonary embolism, thrombolise with alter place"),
        ("MMM", "She has thrombosis."),
        ("CMH", "The left ventricle fails, left ventricular failure. Systemic thrombolysis."),
    ),
}


def marked_answers() -> tuple[MarkedAnswer, ...]:
    """All answers of the table, every third of them held out."""
    flat = [(case, question, answer, letters) for (case, question), rows in _TABLE.items() for letters, answer in rows]
    return tuple(
        MarkedAnswer(case, question, answer, tuple(_LETTERS[letter] for letter in letters), held_out=number % 3 == 2)
        for number, (case, question, answer, letters) in enumerate(flat)
    )
