/**
 * @file Gendered words of English: the word lists of GN-GloVe (Zhao, Zhou, Li, Wang and Chang 2018, "Learning
 * gender-neutral word embeddings"), github.com/uclanlp/gn_glove, wordlist/, Apache License 2.0. Taken over as they are,
 * typing errors included, without the few that are several words, that are there twice or in both lists; in lower case.
 */

const male = `
  abbot abbots actor actors adultor adultors airman airmen androgen andrology andropause bachelor
  bachelors barbershop baritone barman barmen baron barons beard beards beau beaus bellboy
  bellboys bloke blokes boy boyfriend boyfriends boyhood boys brethren bridegroom bridegrooms
  brideprice brother brotherhood brothers bull bulls busboy busboys businessman businessmen
  cameraman cameramen chairman chairmen chap cialis colt colts congressman councilman councilmen
  countryman countrymen cowboy cowboys czar dad daddies daddy dads deer divo dude dudes duke dukes
  emperor emperors enchanter father fathered fatherhood fathers fella fellas fiance fiances
  fraternal fraternities fraternity gay gays gelding gentleman gentlemen gents god godfather gods
  governor governors grandfather grandfathers grandpa grandson grandsons groom grooms guy guys
  handyman he headmaster headmasters heir hero heros him himself his horsemen host hosts
  househusband househusbands hubby husband husbands king kings lad lads landlord landlords lion
  lions lord lords macho male males man manservant manservants marquis masculism masseur masseurs
  master masters men menservants mentleman monastery monk monks mr nephew nephews pa papa paramour
  paternal paternity patriarch penis policeman priest priests prince princes prostate rooster
  roosters salesman salesmen schoolboy semen sir son sons sorcerer sorcerers sperm spokesman
  spokesmen stailor stallion statesman stepfather stepfathers stepson stepsons steward stewards
  strongman stud studs suitor tailor testosterone uncle uncles waiter waiters widower widowers
  wizard wizards
`;

const female = `
  abbess abbesses actress actresses adultress adultresses airwoman airwomen aunt aunts
  bachelorette ballerina barnoesses baroness barwoman barwomen belle belles bellgirl bellgirls
  bride brides busgirl busgirls businesswoman businesswomen camerawoman camerawomen chairwoman
  chairwomen chick chicks clitoris congresswoman convent councilwoman councilwomen countrywoman
  countrywomen cow cowgirl cowgirls cows czarina daughter daughters diva doe dowry duchess
  duchesses effeminate empress empresses enchantress estradiol estrogen female females feminism
  fiancee fiancees fillies filly gal gals girl girlfriend girlfriends girlhood girls goddess
  godess godesses godmother governess governesses granddaughter granddaughters grandma grandmother
  grandmothers handywoman headmistress headmistresses heiress hen hens her heroine heroines hers
  herself horsewomen hostess hostesses housewife housewives ladies lady landladies landlady lass
  lasses lesbian lesbians lioness lionesses ma ma'am madam maid maiden maids maidservant
  maidservants mama marchioness mare masseuse masseuses maternal maternity matriarch menopause
  mezzo minx minxes miss mistress mistresses mom mommies mommy moms mother mothered motherhood
  mothers mrs niece nieces nun nuns obstetrics ovum policewoman priestess priestesses princess
  princesses queen queens saleswoman saleswomen schoolgirl seamstress she sister sisterhood
  sisters sistren sorceress sorceresses sororal sororities sorority spinster spinsters spokeswoman
  spokeswomen stateswoman stepdaughter stepdaughters stepmother stepmothers stewardess
  stewardesses strongwoman suitress toque toques uterus vagina viagra waitress waitresses wench
  wenches widow widows wife witch witches wives woman womb women
`;

/** Words for men, and for women. */
export const GENDERED_WORDS = {
  male: male.trim().split(/\s+/),
  female: female.trim().split(/\s+/),
} as const;
